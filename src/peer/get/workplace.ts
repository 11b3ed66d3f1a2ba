import { randomBytes } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { lstat, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { PeerError } from '../../common/errors.js';
import type { OpenedShare } from '../catalog/catalog.js';
import { probeBeside } from '../jobs/dress.js';
import { identityAt, isSame, type FileIdentity } from '../jobs/fileIdentity.js';
import { journalled, type Journalled } from '../jobs/sealJournal.js';
import { transferLimits } from '../limits.js';
import type { Kept } from '../transfers/keptTask.js';
import type { GetDraft } from '../transfers/task.js';

/** What is fetched where. */
interface Wanted {
  readonly share: OpenedShare;
  /** Absolute path of the file or folder to write. */
  readonly path: string;
  readonly kept?: Kept<GetDraft>;
  /** Whether what lies there already is the result where it is the same; unless it says so, only after an earlier run. */
  readonly acceptSame?: boolean;
}

/** Undoes what a run has left that nobody goes on with. */
export async function discardGet(kept: Kept<GetDraft>, shareId: Uint8Array): Promise<void> {
  await removePart(journalled(kept.journal, shareId));
}

/** The same for a run that only its journal tells of, which goes too. */
export async function discardStray(journal: string): Promise<void> {
  await removePart(journalled(journal, null));
  await rm(journal, { force: true });
}

async function removePart(known: Journalled | null): Promise<void> {
  if (known === null || known.part === '') return;
  const { part, owner } = known;
  await removeEmpty(probeBeside(part));
  if (owner === null) await removeEmpty(part);
  // Else it is somebody else's by now, whatever its name.
  else if (isOwn(part, owner)) await rm(part, { recursive: true, force: true });
}

function isOwn(file: string, owner: FileIdentity): boolean {
  const found = identityAt(file);
  return found !== null && isSame(found, owner);
}

/** What is there of an earlier run: the part that it has written, or all of it under its name, or nothing to rely on. */
export async function whatIsLeft(wanted: Wanted): Promise<Left> {
  const { kept, path: target, share } = wanted;
  const known = kept && journalled(kept.journal, share.manifest.shareId);
  const part = known?.part ?? '';
  const owner = known?.owner ?? null;
  if (owner !== null && part !== '') {
    if (isOwn(target, owner)) {
      // Both names are its own for a moment.
      if (isOwn(part, owner)) await rm(part, { force: true });
      return { as: 'published' };
    }
    if (isOwn(part, owner)) return { as: 'part', temporaryPath: part };
  }
  return mayBeThere(wanted) ? { as: 'published' } : null;
}

export type Left =
  { readonly as: 'part'; readonly temporaryPath: string } | { readonly as: 'published' } | null;

/** A file of which no more is known than what lies there. */
function mayBeThere({ kept, path: target, share: { info }, acceptSame }: Wanted): boolean {
  if ((kept?.hasRun !== true && acceptSame !== true) || info.kind !== 'file') return false;
  const found = lstatSync(target, { throwIfNoEntry: false });
  return found?.isFile() === true && found.size === info.totalSize;
}

/** Where it is written until it is verified, and what is kept of that. */
export interface Workplace {
  readonly temporaryPath: string;
  readonly journal: string | null;
  readonly resume: boolean;
}

export async function workplaceFor(
  { kept, path: target, share }: Wanted,
  left: Left,
): Promise<Workplace> {
  const journal = kept?.journal ?? null;
  if (left?.as === 'part') return { temporaryPath: left.temporaryPath, journal, resume: true };
  if (kept !== undefined) await discardGet(kept, share.manifest.shareId);
  if (kept?.draft) await removeEmpty(kept.draft.temporaryPath);
  const fresh = temporaryPath(target);
  if (kept !== undefined && !isSmall(share)) await kept.save({ temporaryPath: fresh });
  return { temporaryPath: fresh, journal, resume: false };
}

/** Whether one that fails is begun anew: to keep it would take longer. Its journal is for one that is killed. */
export function isSmall({ manifest: { geometry } }: OpenedShare): boolean {
  return geometry.segments <= transferLimits.smallSegments;
}

/** What a run has made that ended before its journal told so. */
async function removeEmpty(part: string): Promise<void> {
  const found = await lstat(part).catch(() => null);
  if (found?.isDirectory() === true) await rmdir(part).catch(() => undefined);
  else if (found?.isFile() === true && found.size === 0) await rm(part, { force: true });
}

/** Beside the target, so that the rename at the end stays on one file system. */
function temporaryPath(target: string): string {
  const name = path.basename(target);
  const short = Buffer.byteLength(name) > 200 ? randomBytes(8).toString('hex') : name;
  return path.join(path.dirname(target), `.${short}.${randomBytes(4).toString('hex')}.part`);
}

/** @throws PeerError `not-found`, `disk` */
export async function checkParent(target: string): Promise<void> {
  const folder = path.dirname(target);
  const parent = await lstat(folder).catch((error: unknown) => PeerError.from(error));
  if (PeerError.is(parent)) {
    throw new PeerError(parent.code, `The folder “${folder}” cannot be written to.`, {
      cause: parent,
      hint: 'Choose another place.',
    });
  }
}

/** @throws PeerError `exists`, `not-a-file` */
export async function checkTarget(target: string, overwrite: boolean): Promise<void> {
  const existing = await lstat(target).catch(() => null);
  if (existing?.isDirectory() === true) {
    throw new PeerError('not-a-file', `“${target}” is a folder.`, {
      hint: 'Name the file to write.',
    });
  }
  if (existing !== null && !overwrite) {
    throw new PeerError('exists', `“${path.basename(target)}” exists already.`, {
      hint: 'Choose another name, or allow to replace it.',
    });
  }
}
