import { stat } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import * as z from 'zod';
import { PeerError } from '../../common/errors.js';
import { visible } from '../../common/visible.js';
import type { GetResult } from '../../control/contract.js';
import { freePath, isTaken } from '../../common/targetPath.js';
import {
  entryOption,
  entryPath,
  ifExistsChoices,
  ifExistsOption,
  versionOption,
} from '../options.js';
import { entriesText, titleOf } from '../shareText.js';
import { runTransfer } from '../transfer.js';
import { formatBytes } from '../units.js';
import { findShare, meetPeers, withPeer, type Verb } from '../verb.js';

const optionsSchema = z.object({
  output: z.string().optional(),
  force: z.boolean().default(false),
  entry: z.array(z.string()).optional(),
  version: z.string().optional(),
  ifExists: z.enum(ifExistsChoices).optional(),
});

export const getVerb: Verb = {
  syntax: 'get <share>',
  summary: 'bring a file or folder here, verified',
  help: '<share> is a name, a link, or an id of “ls” (6 digits are enough when they are unique). It appears under\nits name only when every SHA-256 is right. Of several entries a folder is made, one comes by itself.',
  configure: (command) =>
    command
      .option('-o, --output <path>', 'what to write, or folder to write into (default: here)')
      .option('-f, --force', 'replace a file that exists; folders are never replaced')
      .addOption(ifExistsOption().conflicts('force'))
      .addOption(entryOption('entry of a folder to get instead of all; can be repeated'))
      .addOption(versionOption()),
  run: (context, args, options) =>
    withPeer(context, async (client) => {
      const { output: target, force, entry, version, ...rest } = optionsSchema.parse(options);
      const ifExists = rest.ifExists ?? (force ? 'overwrite' : 'fail');
      const { output, deps } = context;
      await meetPeers(client, deps.signal);
      const share = await findShare(client, args[0] ?? '', version, deps.signal);
      const entries = entry?.map(entryPath);
      const [only, ...more] = entries ?? [];
      const name = only === undefined || more.length > 0 ? share.name : basename(only);
      const wanted = await targetPath(deps.cwd, target, name);
      // Of one entry only the peer knows the kind; a file and a folder differ in nothing but an empty folder.
      const kind = entries === undefined ? share.kind : 'file';
      if (ifExists === 'skip' && (await isTaken(wanted, kind))) {
        output.result({ share, path: wanted, skipped: true }, [
          `skipped ${titleOf(share)}: ${visible(wanted)} is there`,
        ]);
        return 0;
      }
      const path = ifExists === 'rename' ? await freePath(wanted, kind) : wanted;
      const result = await runTransfer(client, output, deps.signal, (transferId) =>
        client.request('get', {
          transferId,
          share: share.shareId,
          path,
          ...(ifExists === 'overwrite' ? { overwrite: true } : {}),
          ...(ifExists === 'resume' ? { acceptSame: true } : {}),
          ...(entries === undefined ? {} : { entries }),
        }),
      );
      if (!output.json)
        for (const warning of result.warnings) output.note(`warning: ${visible(warning)}`);
      output.result(result, getText(result, deps.cwd));
      return 0;
    }),
};

/** `-o` may name a folder that exists; without it the file comes into `cwd` under its own name. */
export async function targetPath(
  cwd: string,
  target: string | undefined,
  name: string,
): Promise<string> {
  const path = resolve(cwd, target ?? '.');
  if (target !== undefined && !(await isFolder(path))) return path;
  // The peer validated the name; a path in it would still be written to, so it is looked at once more here.
  if (name === '' || name === '.' || name === '..' || /[/\\\0]/.test(name)) {
    throw new PeerError('integrity', 'The name of this share is not a file name.', {
      hint: 'Choose a name for the file with -o.',
    });
  }
  return join(path, name);
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false; // not there yet, or not to be seen: the peer says what is wrong with it
  }
}

export function getText(result: GetResult, cwd: string): string[] {
  const shown = relative(cwd, result.path);
  const from = Object.entries(result.from)
    .filter(([, bytes]) => bytes > 0)
    .sort((a, b) => b[1] - a[1])
    .map(([name, bytes]) => `${visible(name)} ${formatBytes(bytes)}`);
  const place = visible(shown.startsWith('..') ? result.path : shown);
  const { share, entries, bytes, sha256 } = result;
  const part =
    entries === share.entries ? '' : `${entriesText(entries)}, ${formatBytes(bytes)} of `;
  return [
    `got ${part}${titleOf(share)} → ${place}`,
    sha256 === '' ? 'SHA-256 of every file proved here' : `SHA-256 ${sha256}, proved here`,
    ...(from.length > 0 ? [`from ${from.join(', ')}`] : []),
  ];
}
