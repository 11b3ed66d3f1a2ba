import { PeerError } from '../common/errors.js';
import { entryNameProblem } from './entryName.js';
import type { TreeEntry } from './tree.js';

interface Seen {
  readonly path: string;
  /** An entry of its own; otherwise only a folder on the way to one. */
  readonly kind: TreeEntry['kind'] | null;
}

const maxDepth = 256;

/**
 * Takes the entries of a tree in their order and refuses what could not be written side by side on every
 * platform: bad names, doubles, names that differ in case or Unicode form only, entries below something
 * that is no folder, links that lead out.
 */
export class PathCheck {
  readonly #seen = new Map<string, Seen>();
  /** Folders on the way, as written: most entries lie beside the one before. */
  readonly #folders = new Set<string>();

  /** Errors have the code `code`: whose fault a bad path is depends on where it comes from. */
  constructor(private readonly code: 'usage' | 'protocol') {}

  add(entry: TreeEntry): void {
    const { path } = entry;
    const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    if (parent === '' || !this.#folders.has(parent)) this.#way(path, path.split('/'));
    else this.#name(path, path.slice(parent.length + 1));
    const folded = fold(entry.path);
    const other = this.#seen.get(folded);
    const opensFolder = other?.kind === null && entry.kind === 'dir' && other.path === entry.path;
    if (other !== undefined && !opensFolder) throw this.#collision(entry.path, other.path);
    this.#seen.set(folded, { path: entry.path, kind: entry.kind });
    if (entry.kind === 'symlink') this.#link(path.split('/').length - 1, entry.target);
  }

  /** All components of a path, and the folders above it. */
  #way(path: string, names: readonly string[]): void {
    if (names.length > maxDepth) throw this.#refusal(path, 'is too deep');
    for (const name of names) this.#name(path, name);
    for (let depth = 1; depth < names.length; depth++) {
      const folder = names.slice(0, depth).join('/');
      this.#folder(folder);
      if (depth < maxDepth - 1) this.#folders.add(folder);
    }
  }

  #name(path: string, name: string): void {
    const problem = entryNameProblem(name) ?? gitProblem(name);
    if (problem !== null) throw this.#refusal(path, problem);
  }

  #folder(path: string): void {
    const folded = fold(path);
    const other = this.#seen.get(folded);
    if (other === undefined) {
      this.#seen.set(folded, { path, kind: null });
    } else if (other.path !== path || other.kind === 'file' || other.kind === 'symlink') {
      throw this.#collision(path, other.path);
    }
  }

  /**
   * A folder on the way down may itself be a link in the share: a `..` behind it would lead on from wherever that
   * points. So `..` stands at the start only, where the folders above are known.
   */
  #link(depth: number, target: string): void {
    const problem = linkTargetProblem(depth, target);
    if (problem !== null) throw this.#refusal(target, `${problem} (target of a link)`);
  }

  #refusal(path: string, problem: string): PeerError {
    return new PeerError(this.code, `The name ${JSON.stringify(path)} ${problem}.`, {
      hint: 'Rename it, then share it again.',
    });
  }

  #collision(path: string, other: string): PeerError {
    const names = `${JSON.stringify(path)} and ${JSON.stringify(other)}`;
    return new PeerError(this.code, `${names} cannot lie side by side on every platform.`, {
      hint: 'Rename one of them, then share again.',
    });
  }
}

/** Characters that HFS+ leaves out when it compares names. */
const ignorable = /\u200c|\u200d|[\u206a-\u206f]|\ufeff/gu;

/** A repository that comes along would have git run what its configuration says: nobody shares one, nobody takes one. */
function gitProblem(name: string): string | null {
  const plain = fold(name.replace(ignorable, ''));
  return plain === fold('.git') || plain === fold('git~1') ? 'is a repository of git' : null;
}

/**
 * Why a link that has `depth` folders of the share above it may not have this target, as the end of a sentence;
 * null when it stays within the share.
 */
export function linkTargetProblem(depth: number, target: string): string | null {
  let above = depth;
  let goesDown = false;
  for (const part of target.split('/')) {
    if (part === '.') continue;
    if (part === '..') {
      above -= 1;
      if (above < 0) return 'leads out of the share';
      if (goesDown) return 'goes up again after it went down';
      continue;
    }
    goesDown = true;
    const problem = entryNameProblem(part);
    if (problem !== null) return problem;
  }
  return null;
}

/** The same for all that a file system may take for one: Unicode form and case do not count. */
function fold(path: string): string {
  return path.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
}
