import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import * as vscode from 'vscode';
import type { ControlClient, ShareInfo } from '../../control/contract.js';
import { requireGroup } from '../commands/requireGroup.js';
import { LocalError } from '../errorWords.js';
import { formatBytes } from '../format.js';
import type { PeerSession } from '../peerSession.js';
import type { FetchDefinition } from './definition.js';
import { headOf } from './headOf.js';
import { runTransfer } from './runTransfer.js';
import type { TaskOutput } from './taskTerminal.js';
import { workspacePath } from './workspacePath.js';

/** Versions of a file whose commits are looked at, newest first. */
const mostVersions = 50;
const deadline = 15_000;

/** Fetches what a task names, unless it is there already. @throws {PeerError} */
export async function fetchTask(
  session: PeerSession,
  folder: string,
  definition: FetchDefinition,
  output: TaskOutput,
  signal: AbortSignal,
): Promise<void> {
  const client = await requireGroup(session);
  const share = await wantedShare(client, folder, definition, signal);
  const target = await workspacePath(folder, definition.path ?? share.name);
  if (await isSame(target, share, signal)) {
    output.line(vscode.l10n.t('{0} is here already: its SHA-256 is right.', share.name));
    return;
  }
  const wanted = [share.name, formatBytes(share.size), share.authorName] as const;
  output.line(vscode.l10n.t('Downloading {0}, {1}, shared by {2}', ...wanted));
  const { overwrite } = definition;
  const result = await runTransfer(session, output, signal, (transferId) =>
    client.request('get', { transferId, share: share.shareId, path: target, overwrite }),
  );
  const facts = [share.name, formatBytes(result.bytes)] as const;
  output.line(vscode.l10n.t('Downloaded {0}, {1}, proved here.', ...facts));
  for (const warning of result.warnings) output.line(warning);
}

/** The newest version, or the newest that was shared from a commit with nothing left out of it. */
async function wantedShare(
  client: ControlClient,
  folder: string,
  { share: text, commit }: FetchDefinition,
  signal: AbortSignal,
): Promise<ShareInfo> {
  const until = AbortSignal.any([signal, AbortSignal.timeout(deadline)]);
  const newest = await client.request('find', { share: text }, until);
  if (commit === undefined) return newest;
  const wanted = commit === 'HEAD' ? await headOf(folder) : commit;
  const { versions } = await client.request('versions', { share: newest.shareId }, until);
  for (const { shareId } of versions.slice(0, mostVersions)) {
    const params = { share: shareId, cursor: null, limit: 1 };
    const { git } = await client.request('entries', params, signal);
    if (git?.commit.startsWith(wanted) === true && !git.dirty) {
      return await client.request('find', { share: shareId }, signal);
    }
  }
  throw new LocalError(
    'not-found',
    vscode.l10n.t('No version of {0} was shared from the commit {1}.', newest.name, wanted),
    {
      hint: vscode.l10n.t(
        'One that was shared with changes that were not committed does not count.',
      ),
    },
  );
}

/** Whether the file is there, byte for byte. */
async function isSame(target: string, share: ShareInfo, signal: AbortSignal): Promise<boolean> {
  if (share.kind !== 'file') return false;
  const found = await stat(target).catch(() => undefined);
  if (found?.isFile() !== true || found.size !== share.size) return false;
  const hash = createHash('sha256');
  await pipeline(createReadStream(target), hash, { signal });
  return hash.digest('hex') === share.sha256;
}
