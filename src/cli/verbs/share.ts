import { resolve } from 'node:path';
import * as z from 'zod';
import { PeerError } from '../../common/errors.js';
import { shareLinkText } from '../../common/links.js';
import { visible } from '../../common/visible.js';
import type { ControlClient, ShareResult } from '../../control/contract.js';
import { confirm } from '../confirm.js';
import { gitText } from '../gitText.js';
import { redundancyOption, toOption } from '../options.js';
import { entriesText, schemeText, shortId, survivalSentence, titleOf } from '../shareText.js';
import { runTransfer } from '../transfer.js';
import { meetPeers, withPeer, type Verb, type VerbContext } from '../verb.js';

const optionsSchema = z.object({
  redundancy: z.string().optional(),
  ignore: z.boolean().default(true),
  allowSecrets: z.boolean().default(false),
  to: z.array(z.string()).default([]),
});
type Options = z.infer<typeof optionsSchema>;

const secretsSchema = z.object({ names: z.array(z.string()) });

export const shareVerb: Verb = {
  syntax: 'share <path...>',
  summary: 'spread files and folders, encrypted, over the peers of the group',
  help: 'A file or folder is shared when this returns: enough other machines have it on disk. A folder is\none share; what its .gitignore files name is left out, and .git is in any case. What looks\nlike passwords or private keys is asked about, and refused where nobody can be asked. With --to, those peers\ntake its parts first; where they are too few, others take the rest.',
  configure: (command) =>
    command
      .addOption(redundancyOption())
      .addOption(toOption())
      .option('--no-ignore', 'share also what .gitignore leaves out')
      .option('--allow-secrets', 'share also what looks like passwords or private keys, unasked'),
  run: (context, args, options) =>
    withPeer(context, async (client) => {
      const wanted = optionsSchema.parse(options);
      const { output, deps } = context;
      await meetPeers(client, deps.signal);
      const { self } = await client.request('status', null, deps.signal);
      const holders = await peerIds(client, wanted.to, deps.signal);
      const done: LinkedShare[] = [];
      const failures: PeerError[] = [];
      const withheld: Withheld[] = [];
      const share = async (path: string, allowSecrets: boolean): Promise<void> => {
        try {
          const file = resolve(deps.cwd, path);
          const how = { ...wanted, allowSecrets, holders };
          const shared = await shareOne(context, client, file, how);
          const link = self === null ? '' : shareLinkText(self.groupId, shared.share.shareId);
          const result = { ...shared, link };
          done.push(result);
          report(context, result);
        } catch (error) {
          const failure = PeerError.from(error);
          if (failure.code === 'secrets' && canAsk(context)) withheld.push({ path, failure });
          else refused(path, failure);
        }
      };
      const refused = (path: string, failure: PeerError): void => {
        if (args.length === 1 || deps.signal.aborted || failure.code === 'closed') throw failure;
        failures.push(failure);
        output.event('failed', { path, code: failure.code, message: failure.message });
        if (!output.json) output.note(`${visible(path)}: ${visible(failure.message)}`);
      };
      for (const path of args) await share(path, wanted.allowSecrets);
      // One question for all, behind what is beyond question.
      const isMeant = withheld.length > 0 && (await askAbout(context, withheld));
      for (const { path, failure } of withheld) {
        if (isMeant) await share(path, true);
        else refused(path, failure);
      }
      const first = failures[0];
      if (first) {
        throw new PeerError(
          first.code,
          `${String(failures.length)} of ${String(args.length)} could not be shared.`,
          { details: { shared: done.map((result) => result.share.shareId) }, cause: first },
        );
      }
      output.result({ shares: done }, []);
      return 0;
    }),
};

/** What the peer did not share, because it looks like a secret. */
interface Withheld {
  readonly path: string;
  readonly failure: PeerError;
}

/** What was shared, and the link to it that others can be given. */
type LinkedShare = ShareResult & { readonly link: string };

function canAsk({ deps, output }: VerbContext): boolean {
  return deps.stdin.isTTY === true && !output.json;
}

/** Names what looks like secrets, and asks whether it is meant. */
async function askAbout(context: VerbContext, withheld: readonly Withheld[]): Promise<boolean> {
  for (const { path, failure } of withheld) {
    context.output.note(`${visible(path)}: ${visible(failure.message)}`);
    const { names } = secretsSchema.parse(failure.details);
    for (const name of names) context.output.note(`  ${visible(name)}`);
  }
  return await confirm(context, 'Share all the same?');
}

function shareOne(
  { output, deps }: VerbContext,
  client: ControlClient,
  path: string,
  { redundancy, ignore, allowSecrets, holders }: Options & { readonly holders: readonly string[] },
): Promise<ShareResult> {
  return runTransfer(client, output, deps.signal, (transferId) =>
    client.request('share', {
      transferId,
      path,
      ...(redundancy === undefined ? {} : { redundancy }),
      ...(ignore ? {} : { ignore }),
      ...(allowSecrets && { allowSecrets }),
      ...(holders.length > 0 && { holders }),
    }),
  );
}

/** Node ids of the peers that are named, each once. @throws {PeerError} `not-found`, `ambiguous` */
async function peerIds(
  client: ControlClient,
  names: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const ids = new Set<string>();
  for (const peer of names) ids.add((await client.request('findPeer', { peer }, signal)).nodeId);
  return [...ids];
}

function report({ output }: VerbContext, result: LinkedShare): void {
  const { share, git, missing, warnings, ignored, link } = result;
  output.event('shared', result);
  output.line(
    `${output.colors.green('shared')} ${titleOf(share)} as ${shortId(share.shareId)}: ` +
      `${schemeText(share)}; ${survivalSentence(share.spare)}`,
  );
  output.line(`link ${link}`);
  if (output.json) return;
  if (missing.length > 0) {
    output.note(`degraded: no confirmation from ${missing.map(visible).join(', ')}`);
  }
  if (git !== null) output.note(`from ${gitText(git)}`);
  if (ignored > 0) {
    output.note(`left out by .gitignore: ${entriesText(ignored)}; --no-ignore shares them too`);
  }
  for (const warning of warnings) output.note(`warning: ${visible(warning)}`);
}
