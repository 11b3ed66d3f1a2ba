/** To get what is shared: all of it, some entries of a folder, or a part of a file. */
import type { ShareInfo } from './shares.js';

export interface GetParams {
  readonly transferId: string;
  /** Name, share id, or a unique prefix of one (at least 6 digits). */
  readonly share: string;
  /** Absolute path of the file or folder to write. */
  readonly path: string;
  /** Replace an existing file; without it the call fails with `exists`. A folder is replaced only when it is empty. */
  readonly overwrite?: boolean;
  /**
   * Take what lies there for the result where it is all that is wanted, by every SHA-256: nothing is fetched then. What
   * an earlier call has half written goes on in any case.
   */
  readonly acceptSame?: boolean;
  /**
   * Paths of entries of a folder, instead of all. One comes by itself, as `path`; several come with their paths, into
   * the folder `path`.
   */
  readonly entries?: readonly string[];
}

export interface GetResult {
  readonly share: ShareInfo;
  readonly path: string;
  readonly bytes: number;
  /** Files, folders and links that were written. */
  readonly entries: number;
  /** Of the one file that was written; empty for several. */
  readonly sha256: string;
  /** Things the user should know, in words. */
  readonly warnings: readonly string[];
  /** Bytes of pieces by holder name. */
  readonly from: Readonly<Record<string, number>>;
}

export interface EntriesParams {
  readonly share: string;
  /** Only the entry of this path, and what is below it. */
  readonly under?: string;
  /**
   * Only what lies in `under` itself, without what is below that, and without `under`: what a folder shows. A folder that
   * is there only because something lies in it comes, too; on another page it may come again.
   */
  readonly direct?: boolean;
  /** `cursor` of the page before, null for the first. */
  readonly cursor: number | null;
  readonly limit: number;
}

export interface EntryInfo {
  readonly kind: 'file' | 'dir' | 'symlink';
  /** Relative, with slashes; show it escaped. */
  readonly path: string;
  /** Of a file; 0 of others. */
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
  readonly mtimeMs: number;
  /** Of a file, hex; empty of others. */
  readonly sha256: string;
  /** Of a link; empty of others. */
  readonly target: string;
}

/** Most bytes that one `read` answers. */
export const maxReadBytes = 4 * 1024 * 1024;

export interface ReadParams {
  readonly share: string;
  /** Path of a file in a folder; absent for a share that is a single file. */
  readonly entry?: string;
  readonly offset: number;
  /** At most {@link maxReadBytes}; 0 only asks for the size, and makes the read that follows a fast one. */
  readonly length: number;
}

export interface ReadResult {
  /** Of the share that was read: a name may mean another one by now. */
  readonly shareId: string;
  /** Of the file. */
  readonly size: number;
  /**
   * From `offset` on. May be fewer than asked for: an answer ends where a segment ends, so that reading on costs
   * nothing twice. Empty only at the end of the file, or when nothing was asked for.
   */
  readonly base64: string;
  /** Bytes of pieces that holders sent for it: 0 when all was known still. */
  readonly fetched: number;
}
