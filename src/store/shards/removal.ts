import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { commitFileName, deletedFileName, removedFileName, syncDirectory } from '../layout.js';

/**
 * Decides that all committed files of a share go, by renaming the file without which they are nothing. From here on they
 * are not served, and whatever comes between is ended by {@link endRemoval}.
 */
export function beginRemoval(directory: string, shareId: string): void {
  const marker = path.join(directory, removedFileName(shareId));
  for (const name of [commitFileName(shareId), deletedFileName(shareId)]) {
    const file = path.join(directory, name);
    if (existsSync(file)) renameSync(file, marker);
  }
  syncDirectory(directory);
}

/** Removes what a removal has decided on; nothing where none was begun. The marker goes last. */
export function endRemoval(directory: string, shareId: string): void {
  const marker = removedFileName(shareId);
  if (!existsSync(path.join(directory, marker))) return;
  for (const name of readdirSync(directory)) {
    if (!name.startsWith(`${shareId}.`) || name === marker) continue;
    rmSync(path.join(directory, name), { force: true });
  }
  syncDirectory(directory);
  rmSync(path.join(directory, marker), { force: true });
  syncDirectory(directory);
}

/** Ends what processes that died had begun. */
export function endRemovals(directory: string): void {
  for (const name of readdirSync(directory)) {
    const shareId = /^([0-9a-f]{32})\.removed$/.exec(name)?.[1];
    if (shareId !== undefined) endRemoval(directory, shareId);
  }
}
