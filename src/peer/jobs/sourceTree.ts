import {
  lstatSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  statSync,
  type Dirent,
  type Stats,
} from 'node:fs';
import path from 'node:path';
import { linkTargetProblem } from '../../chunk/pathCheck.js';
import { MAX_TREE_BYTES, MAX_TREE_ENTRIES, type TreeEntry } from '../../chunk/tree.js';
import { PeerError } from '../../common/errors.js';
import { IgnoreRules } from './ignoreRules.js';

/** What tells one state of a file from another. */
export type FileState = Pick<Stats, 'dev' | 'ino' | 'size' | 'mtimeMs' | 'ctimeMs'>;

export interface SourceFile {
  /** Position of its entry. */
  readonly entry: number;
  /** Absolute, links resolved. */
  readonly path: string;
  readonly state: FileState;
}

/** What is going to be shared, as found on the disk; nothing was read yet. */
export interface SourceTree {
  readonly kind: 'file' | 'folder';
  /** In the order of the stream; the digests of files are zeros. */
  readonly entries: readonly TreeEntry[];
  readonly files: readonly SourceFile[];
  /** Bytes of all files. */
  readonly size: number;
  /** Entries that rules of `.gitignore` left out; a folder counts as one. */
  readonly ignored: number;
  /** Paths of what cannot be shared: links that lead out, sockets, devices. */
  readonly links: readonly string[];
  readonly special: readonly string[];
}

export interface SourceOptions {
  /** Absolute path of a file or folder. */
  readonly path: string;
  /** Its name in the share. */
  readonly name: string;
  /** Whether `.gitignore` files are honoured. */
  readonly ignore: boolean;
}

/** Without setuid, setgid and sticky: these are nobody's to hand on. */
const permissions = 0o777;
const unknownDigest = new Uint8Array(32);

/**
 * Looks at a file or at everything in a folder, in an order that is always the same: by name, folders before what is
 * in them. Links are never followed, but for the path itself.
 *
 * @throws PeerError `not-found`, `not-a-file`, `disk`, `usage` for an empty folder, `limit`
 */
export function readSourceTree({ path: given, name, ignore }: SourceOptions): SourceTree {
  const root = realpathSync(given);
  const stat = statSync(root);
  if (stat.isDirectory()) {
    const walk = new Walk();
    walk.folder(root, '', ignore ? IgnoreRules.of(root) : IgnoreRules.none);
    if (walk.entries.length === 0) {
      throw new PeerError('usage', `There is nothing to share in “${name}”.`, {
        hint: 'Everything in it may be left out by .gitignore: --no-ignore shares it all.',
      });
    }
    return walk;
  }
  if (!stat.isFile()) {
    throw new PeerError('not-a-file', `“${name}” is neither a file nor a folder.`, {
      hint: 'Choose a file or a folder.',
    });
  }
  return {
    kind: 'file',
    entries: [fileEntry(name, stat)],
    files: [{ entry: 0, path: root, state: stateOf(stat) }],
    size: stat.size,
    ignored: 0,
    links: [],
    special: [],
  };
}

class Walk implements SourceTree {
  readonly kind = 'folder';
  readonly entries: TreeEntry[] = [];
  readonly files: SourceFile[] = [];
  readonly links: string[] = [];
  readonly special: string[] = [];
  size = 0;
  ignored = 0;
  #pathChars = 0;

  /** @param inShare path of the folder in the share, empty or ending with a slash */
  folder(folder: string, inShare: string, rules: IgnoreRules): void {
    const found = readdirSync(folder, { withFileTypes: true });
    for (const entry of found.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const { name } = entry;
      if (name === '.git') continue;
      if (rules.ignores(name, entry.isDirectory())) this.ignored += 1;
      else this.#entry(path.join(folder, name), `${inShare}${name}`, entry, rules);
    }
  }

  #entry(file: string, inShare: string, found: Dirent, rules: IgnoreRules): void {
    const stat = lstatSync(file, { throwIfNoEntry: false });
    if (stat === undefined) throw gone(inShare);
    this.#count(inShare);
    if (stat.isDirectory()) {
      this.entries.push({ kind: 'dir', ...common(inShare, stat) });
      this.folder(file, `${inShare}/`, rules.enter(file, found.name));
    } else if (stat.isFile()) {
      this.files.push({ entry: this.entries.length, path: file, state: stateOf(stat) });
      this.entries.push(fileEntry(inShare, stat));
      this.size += stat.size;
    } else if (stat.isSymbolicLink()) {
      const target = targetOf(file);
      if (linkTargetProblem(inShare.split('/').length - 1, target) !== null) {
        this.links.push(inShare);
      } else this.entries.push({ kind: 'symlink', ...common(inShare, stat), target });
    } else this.special.push(inShare);
  }

  /** Before the tree is encoded, which counts exactly: nothing grows without bound. */
  #count(inShare: string): void {
    this.#pathChars += inShare.length;
    const left = this.links.length + this.special.length;
    if (this.entries.length + left < MAX_TREE_ENTRIES && this.#pathChars < MAX_TREE_BYTES) return;
    throw new PeerError('limit', `A share holds at most ${MAX_TREE_ENTRIES} entries.`, {
      hint: 'Share parts of the folder, or leave out what is not needed with .gitignore.',
    });
  }
}

/** Without doubled slashes and one at the end, which say nothing. */
function targetOf(link: string): string {
  const text = readlinkSync(link);
  const target = process.platform === 'win32' ? text.replaceAll('\\', '/') : text;
  return target.startsWith('/') ? target : target.replace(/\/+/g, '/').replace(/\/$/, '');
}

function gone(inShare: string): PeerError {
  // A name that is no Unicode text cannot be found again by what it was read as.
  if (!inShare.includes('\ufffd')) return sourceChanged(inShare);
  return new PeerError('usage', `The name ${JSON.stringify(inShare)} is no Unicode text.`, {
    hint: 'Rename it, then share it again.',
  });
}

export function sourceChanged(name: string): PeerError {
  return new PeerError('source-changed', `“${name}” changed while it was shared.`, {
    hint: 'Nothing was shared. Try again when the file is at rest.',
  });
}

function fileEntry(inShare: string, stat: Stats): TreeEntry {
  return { kind: 'file', ...common(inShare, stat), size: stat.size, sha256: unknownDigest };
}

function common(
  inShare: string,
  stat: Stats,
): { readonly path: string; readonly mode: number; readonly mtimeMs: number } {
  return { path: inShare, mode: stat.mode & permissions, mtimeMs: Math.floor(stat.mtimeMs) };
}

export function stateOf({ dev, ino, size, mtimeMs, ctimeMs }: Stats): FileState {
  return { dev, ino, size, mtimeMs, ctimeMs };
}

export function isSameState(a: FileState, b: FileState): boolean {
  return (
    a.dev === b.dev &&
    a.ino === b.ino &&
    a.size === b.size &&
    a.mtimeMs === b.mtimeMs &&
    a.ctimeMs === b.ctimeMs
  );
}
