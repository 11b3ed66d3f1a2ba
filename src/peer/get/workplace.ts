import { randomBytes } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { lstat, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { PeerError } from '../../common/errors.js';
import type { OpenedShare } from '../catalog/catalog.js';
import { identityAt, isSame } from '../jobs/fileIdentity.js';
import { journalOwner } from '../jobs/sealJournal.js';
import { transferLimits } from '../limits.js';
import type { Kept } from '../transfers/keptTask.js';
import type { GetDraft } from '../transfers/task.js';

/** What is fetched where. */
interface Wanted {
  readonly share: OpenedShare;
  /** Absolute path of the file or folder to write. */
  readonly path: string;
  readonly kept?: Kept<GetDraft>;
}

/** Undoes what a run has left that nobody goes on with. */
export async function discardGet(kept: Kept<GetDraft>, shareId: Uint8Array): Promise<void> {
  const owner = journalOwner(kept.journal, shareId);
  const part = kept.draft?.temporaryPath;
  if (part === undefined || owner === null) return;
  const found = identityAt(part);
  // Somebody else's by now, whatever its name.
  if (found === null || !isSame(found, owner)) return;
  await rm(part, { recursive: true, force: true });
}

/** What is there of an earlier run: the part that it has written, or all of it under its name, or nothing to rely on. */
export async function whatIsLeft(wanted: Wanted): Promise<'part' | 'published' | null> {
  const { kept, path: target, share } = wanted;
  const part = kept?.draft?.temporaryPath;
  if (part === undefined) return mayBeThere(wanted) ? 'published' : null;
  const owner = kept && journalOwner(kept.journal, share.manifest.shareId);
  if (!owner) return null;
  const isOwner = (file: string): boolean => {
    const found = identityAt(file);
    return found !== null && isSame(found, owner);
  };
  if (!isOwner(target)) return isOwner(part) ? 'part' : null;
  // Both names are its own for a moment.
  if (isOwner(part)) await rm(part, { force: true });
  return 'published';
}

/** A small file, of which no more is known than what lies there. */
function mayBeThere({ kept, path: target, share: { info } }: Wanted): boolean {
  if (kept?.hasRun !== true || info.kind !== 'file') return false;
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
  resume: boolean,
): Promise<Workplace> {
  if (resume && kept?.draft) return { ...kept.draft, journal: kept.journal, resume };
  if (kept?.draft) await removeEmpty(kept.draft.temporaryPath);
  const fresh = temporaryPath(target);
  const { segments } = share.manifest.geometry;
  if (kept === undefined || segments <= transferLimits.smallSegments) {
    return { temporaryPath: fresh, journal: null, resume: false };
  }
  await kept.save({ temporaryPath: fresh });
  return { temporaryPath: fresh, journal: kept.journal, resume: false };
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
  if (parent instanceof PeerError) {
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
