import { createHash } from 'node:crypto';
import { decodeTree, type GitState, type Tree, type TreeEntry } from '../../chunk/tree.js';
import { equalBytes, toHex } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import type { EntryFacts, EntryPlace, TreePage } from './messages.js';

/**
 * The tree of a share, checked: it is the one that was signed, and its files fill the stream.
 *
 * @throws PeerError `integrity`, `protocol`, `limit`
 */
export function checkedTree(bytes: Uint8Array, digest: Uint8Array, total: number): Tree {
  if (!equalBytes(createHash('sha256').update(bytes).digest(), digest)) {
    throw new PeerError(
      'integrity',
      'The list of files in the share is not the one that was signed.',
    );
  }
  const tree = decodeTree(bytes);
  const { entries } = tree;
  const sum = entries.reduce((size, entry) => size + (entry.kind === 'file' ? entry.size : 0), 0);
  if (sum !== total) {
    throw new PeerError('protocol', 'The files of the share do not add up to its size.');
  }
  return tree;
}

/** A checked tree, for looking up. */
export class TreeIndex {
  readonly #entries: readonly TreeEntry[];
  readonly git: GitState | null;
  readonly #places = new Map<string, { readonly at: number; readonly start: number }>();

  /** @throws PeerError as {@link checkedTree} */
  constructor(bytes: Uint8Array, digest: Uint8Array, total: number) {
    ({ entries: this.#entries, git: this.git } = checkedTree(bytes, digest, total));
    let start = 0;
    this.#entries.forEach((entry, at) => {
      this.#places.set(entry.path, { at, start });
      if (entry.kind === 'file') start += entry.size;
    });
  }

  find(path: string): EntryPlace | undefined {
    const place = this.#places.get(path);
    const entry = place && this.#entries[place.at];
    return entry && { ...facts(entry), start: place.start };
  }

  /** Entries from the position `from` on, in the order of the tree; `next` is where the page after this one begins. */
  list({ under, direct, from, limit }: TreePage): {
    readonly entries: readonly EntryFacts[];
    readonly next: number | null;
  } {
    const entries = new Map<string, EntryFacts>();
    for (let at = from; at < this.#entries.length; at++) {
      const entry = this.#entries[at];
      if (entry === undefined || !isUnder(entry.path, under)) continue;
      const path = direct ? childOf(entry.path, under) : entry.path;
      if (path === null || (entries.has(path) && path !== entry.path)) continue;
      if (entries.size === limit && !entries.has(path)) {
        return { entries: [...entries.values()], next: at };
      }
      entries.set(path, path === entry.path ? facts(entry) : impliedFolder(path));
    }
    return { entries: [...entries.values()], next: null };
  }
}

/** Whether a path is the other, or below it; everything is below the empty one. */
export function isUnder(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}

/** The first step from a folder to what lies somewhere below it; null for the folder itself. */
function childOf(path: string, folder: string): string | null {
  if (path === folder) return null;
  const end = path.indexOf('/', folder === '' ? 0 : folder.length + 1);
  return end < 0 ? path : path.slice(0, end);
}

/** A folder that no entry of its own describes. */
function impliedFolder(path: string): EntryFacts {
  return { kind: 'dir', path, mode: 0o755, mtimeMs: 0, size: 0, sha256: '', target: '' };
}

function facts(entry: TreeEntry): EntryFacts {
  const { kind, path, mode, mtimeMs } = entry;
  return {
    kind,
    path,
    mode,
    mtimeMs,
    size: kind === 'file' ? entry.size : 0,
    sha256: kind === 'file' ? toHex(entry.sha256) : '',
    target: kind === 'symlink' ? entry.target : '',
  };
}
