import type { DirEntry, FileEntry, SymlinkEntry, TreeEntry } from '../../chunk/tree.js';
import { linkTargetProblem } from '../../chunk/pathCheck.js';
import { PeerError } from '../../common/errors.js';

/** An entry that is wanted, and where it comes to lie below the target. */
export interface Chosen<E extends TreeEntry> {
  readonly entry: E;
  /** Relative, with slashes. */
  readonly path: string;
}

/** What is wanted of a tree. */
export interface Selection {
  /** In the order of the stream, with the offset at which each starts. */
  readonly files: readonly (Chosen<FileEntry> & { readonly start: number })[];
  readonly dirs: readonly Chosen<DirEntry>[];
  readonly links: readonly Chosen<SymlinkEntry>[];
  /**
   * The one entry that was named: it comes by itself, without the folders above it. Null for a whole folder, and for
   * several entries, which come with their paths.
   */
  readonly single: { readonly name: string; readonly kind: 'file' | 'folder' } | null;
}

/**
 * Picks entries by their paths; a folder stands for all that is in it. Null takes everything.
 *
 * @throws PeerError `not-found`, `not-a-file` for a link
 */
export function select(entries: readonly TreeEntry[], wanted: readonly string[] | null): Selection {
  const paths = wanted === null ? null : new Set(wanted);
  const found = new Map<string, TreeEntry['kind']>();
  const one = paths?.size === 1 ? ([...paths][0] ?? '') : null;
  const base = one === null ? 0 : one.lastIndexOf('/') + 1;
  const files: (Chosen<FileEntry> & { readonly start: number })[] = [];
  const dirs: Chosen<DirEntry>[] = [];
  const links: Chosen<SymlinkEntry>[] = [];
  let start = 0;
  for (const entry of entries) {
    const match = paths === null ? '' : nearest(entry.path, paths);
    if (match !== undefined) {
      found.set(match, entry.path === match ? entry.kind : 'dir');
      const path = entry.path.slice(base);
      if (entry.kind === 'file') files.push({ entry, path, start });
      else if (entry.kind === 'dir') dirs.push({ entry, path });
      else links.push({ entry, path });
    }
    if (entry.kind === 'file') start += entry.size;
  }
  for (const path of paths ?? []) requireFound(path, found.get(path));
  const single =
    one === null
      ? null
      : ({ name: one.slice(base), kind: found.get(one) === 'file' ? 'file' : 'folder' } as const);
  return { files, dirs, links, single };
}

/** Whether a link would lead out of what is written. Under a single folder, the share's top is out of reach. */
export function leadsOut({ single }: Selection, path: string, target: string): boolean {
  const above = path.split('/').length - (single === null ? 1 : 2);
  return linkTargetProblem(above, target) !== null;
}

/** The path itself or the folder above it that is wanted, the outermost of several. */
function nearest(path: string, wanted: ReadonlySet<string>): string | undefined {
  for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) {
    if (wanted.has(path.slice(0, end))) return path.slice(0, end);
  }
  return wanted.has(path) ? path : undefined;
}

function requireFound(path: string, kind: TreeEntry['kind'] | undefined): void {
  if (kind === undefined) {
    throw new PeerError('not-found', `There is no “${path}” in this share.`, {
      hint: 'See what is in it with “chunk-partitioner ls NAME”.',
    });
  }
  if (kind === 'symlink') {
    throw new PeerError('not-a-file', `“${path}” is a link.`, {
      hint: 'Name what it leads to, or the folder it is in.',
    });
  }
}
