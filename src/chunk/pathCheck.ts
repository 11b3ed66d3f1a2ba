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

  /** Errors have the code `code`: whose fault a bad path is depends on where it comes from. */
  constructor(private readonly code: 'usage' | 'protocol') {}

  add(entry: TreeEntry): void {
    const names = entry.path.split('/');
    if (names.length > maxDepth) throw this.#refusal(entry.path, 'is too deep');
    for (const name of names) {
      const problem = entryNameProblem(name);
      if (problem !== null) throw this.#refusal(entry.path, problem);
    }
    for (let depth = 1; depth < names.length; depth++) {
      this.#folder(names.slice(0, depth).join('/'));
    }
    const folded = fold(entry.path);
    const other = this.#seen.get(folded);
    const opensFolder = other?.kind === null && entry.kind === 'dir' && other.path === entry.path;
    if (other !== undefined && !opensFolder) throw this.#collision(entry.path, other.path);
    this.#seen.set(folded, { path: entry.path, kind: entry.kind });
    if (entry.kind === 'symlink') this.#link(names, entry.target);
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

  #link(names: readonly string[], target: string): void {
    let depth = names.length - 1;
    for (const part of target.split('/')) {
      if (part === '.') continue;
      if (part === '..') depth -= 1;
      else if (entryNameProblem(part) === null) depth += 1;
      else throw this.#refusal(target, `${entryNameProblem(part) ?? ''} (target of a link)`);
      if (depth < 0) throw this.#refusal(target, 'leads out of the share (target of a link)');
    }
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

/** The same for all that a file system may take for one: Unicode form and case do not count. */
function fold(path: string): string {
  return path.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
}
