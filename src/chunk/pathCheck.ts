import { PeerError } from '../common/errors.js';
import { entryNameProblem, foldName } from './entryName.js';
import { BareRepositories, isGitName } from './gitNames.js';
import type { TreeEntry } from './tree.js';

/** A name in a folder. Whole paths would take the square of their depth. */
interface Place {
  readonly id: number;
  readonly name: string;
  /** The folder it lies in; null at the top. */
  readonly above: Place | null;
  /** Null while it is only a folder on the way to an entry. */
  kind: TreeEntry['kind'] | null;
}

const maxDepth = 256;
/** As many as a tree has entries: folders that have none of their own would cost far more than they take in it. */
const maxPlaces = 2 ** 20;

/**
 * Takes the entries of a tree in their order and refuses what could not be written side by side on every
 * platform: bad names, doubles, names that differ in case or Unicode form only, entries below something
 * that is no folder, links that lead out, repositories of git.
 */
export class PathCheck {
  /** By the id of the folder, and the name as file systems may take it. */
  readonly #places = new Map<string, Place>();
  readonly #bare = new BareRepositories();
  /** Most entries lie beside the one before. */
  #last: { readonly path: string; readonly folder: Place | null } | null = null;

  /** Errors have the code `code`: whose fault a bad path is depends on where it comes from. */
  constructor(private readonly code: 'usage' | 'protocol') {}

  add(entry: TreeEntry): void {
    const { path, kind } = entry;
    const end = path.lastIndexOf('/');
    const folder = end < 0 ? null : this.#folderOf(path, path.slice(0, end));
    const name = path.slice(end + 1);
    this.#name(path, name);
    const other = this.#find(folder, name);
    if (other === undefined) this.#put(folder, name, kind);
    else if (other.kind === null && kind === 'dir' && other.name === name) other.kind = kind;
    else throw this.#collision(path, pathOf(other));
    if (kind === 'symlink') this.#link(path.split('/').length - 1, entry.target);
  }

  /** The folder `parent`, with those above it, all of which may be there already. */
  #folderOf(path: string, parent: string): Place | null {
    if (this.#last?.path === parent) return this.#last.folder;
    const names = parent.split('/');
    if (names.length >= maxDepth) throw this.#refusal(path, 'is too deep');
    let folder: Place | null = null;
    for (const name of names) {
      this.#name(path, name);
      const known = this.#find(folder, name);
      if (known !== undefined && (known.name !== name || !isFolder(known))) {
        const own = folder === null ? name : `${pathOf(folder)}/${name}`;
        throw this.#collision(own, pathOf(known));
      }
      folder = known ?? this.#put(folder, name, null);
    }
    this.#last = { path: parent, folder };
    return folder;
  }

  #find(above: Place | null, name: string): Place | undefined {
    return this.#places.get(keyOf(above, name));
  }

  #put(above: Place | null, name: string, kind: Place['kind']): Place {
    const id = this.#places.size + 1;
    if (id > maxPlaces) throw new PeerError('limit', 'A share has too many entries and folders.');
    const place: Place = { id, name, above, kind };
    this.#places.set(keyOf(above, name), place);
    if (this.#bare.add(idOf(above), name)) throw this.#repository(above);
    return place;
  }

  #name(path: string, name: string): void {
    const problem = entryNameProblem(name) ?? (isGitName(name) ? 'is a repository of git' : null);
    if (problem !== null) throw this.#refusal(path, problem);
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

  #repository(folder: Place | null): PeerError {
    const what = folder === null ? 'This folder' : `The folder ${JSON.stringify(pathOf(folder))}`;
    return new PeerError(
      this.code,
      `${what} is a bare repository of git: whoever works in it would have git run what its settings name.`,
      { hint: 'Pack it into an archive, and share that.' },
    );
  }

  #collision(path: string, other: string): PeerError {
    const names = `${JSON.stringify(path)} and ${JSON.stringify(other)}`;
    return new PeerError(this.code, `${names} cannot lie side by side on every platform.`, {
      hint: 'Rename one of them, then share again.',
    });
  }
}

function isFolder({ kind }: Place): boolean {
  return kind === null || kind === 'dir';
}

/** @param folder null for the top */
function idOf(folder: Place | null): number {
  return folder?.id ?? 0;
}

function keyOf(above: Place | null, name: string): string {
  return `${String(idOf(above))}/${foldName(name)}`;
}

function pathOf(place: Place): string {
  const names: string[] = [];
  for (let at: Place | null = place; at !== null; at = at.above) names.unshift(at.name);
  return names.join('/');
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
