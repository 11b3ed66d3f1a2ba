import type { ShareInfo } from '../../control/contract.js';

/** One file of the group: a share, or an entry of a folder that was shared. */
export interface SharedFile {
  readonly share: ShareInfo;
  /** Path in the folder; null for a share that is a file. */
  readonly entry: string | null;
  readonly size: number;
  /** Hex. */
  readonly sha256: string;
  /** When it was written where it was shared from; for a share that is a file, when that was. Milliseconds. */
  readonly mtimeMs: number;
}

/** A folder of the group: a share, or one in it. */
export interface SharedFolder {
  readonly share: ShareInfo;
  /** Path in the share, empty for the share itself. */
  readonly under: string;
}

/** Name of the file itself, without the way to it. Not escaped. */
export function fileName({ share, entry }: SharedFile): string {
  return entry === null ? share.name : entry.slice(entry.lastIndexOf('/') + 1);
}

/** A share that is a file. */
export function fileOfShare(share: ShareInfo): SharedFile {
  const { size, sha256, createdAt } = share;
  return { share, entry: null, size, sha256, mtimeMs: createdAt };
}
