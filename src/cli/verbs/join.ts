import * as z from 'zod';
import { PeerError } from '../../common/errors.js';
import { looksLikeLink, parseLink } from '../../common/links.js';
import { visible } from '../../common/visible.js';
import type { TextSource } from '../deps.js';
import { listenOption } from '../options.js';
import type { Verb } from '../verb.js';

/** Longest invite code that is read from stdin, characters. */
const maxCodeLength = 16_384;

const optionsSchema = z.object({ name: z.string().optional(), listen: z.string().optional() });

export const joinVerb: Verb = {
  syntax: 'join <code>',
  summary: 'join the group that an invite code is for',
  help: 'A link to an invite will do as well. “-” reads it from stdin, so that it stands in no shell\nhistory and no list of processes. Needs no running peer and leaves none behind. The peer that made the code has to be running.',
  configure: (command) =>
    command
      .option('--name <name>', 'what others see this machine as (default: its host name)')
      .addOption(listenOption()),
  async run({ deps, dataDir, output }, args, options) {
    const { name = deps.hostName, listen } = optionsSchema.parse(options);
    const argument = args[0] ?? '-';
    const fromStdin = argument === '-';
    if (fromStdin && deps.stdin.isTTY === true)
      output.note('Paste the invite code and press Enter:');
    const given = fromStdin ? await readLine(deps.stdin) : argument.trim();
    if (given === '') {
      throw new PeerError('usage', 'No invite code was given.', {
        hint: 'Ask a member of the group for the output of “chunk-partitioner invite”.',
      });
    }
    const code = looksLikeLink(given) ? inviteIn(given) : given;
    const self = await deps.joinGroup({
      dataDir,
      code,
      name,
      ...(listen === undefined ? {} : { listen }),
      signal: deps.signal,
    });
    output.result({ self }, [
      `Joined group “${visible(self.groupName)}” as ${visible(self.name)}, ${self.nodeIdText}.`,
      'Next: run “chunk-partitioner serve” here, so that the others can reach this machine.',
    ]);
    return 0;
  },
};

/** The code of an invite link. @throws {PeerError} `usage` */
function inviteIn(text: string): string {
  const link = parseLink(text);
  if (link.kind === 'join') return link.code;
  throw new PeerError('usage', 'This link names a share, and is no invite.', {
    hint: 'Use it with “chunk-partitioner get”.',
  });
}

/** The first line that is not empty. */
async function readLine(source: TextSource): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of source) {
    text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    if (text.length > maxCodeLength) break;
    const [line, rest] = text.trimStart().split('\n', 2);
    if (line !== undefined && rest !== undefined) return line.trim();
  }
  if (text.length > maxCodeLength)
    throw new PeerError('usage', 'That is too long for an invite code.');
  return text.trim();
}
