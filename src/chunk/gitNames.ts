import { foldName } from './entryName.js';

/** Characters that HFS+ leaves out when it compares names. */
const ignorable = /\u200c|\u200d|[\u206a-\u206f]|\ufeff/gu;

/**
 * What git takes a folder for a repository by, without any `.git`: its own files, or a word where these are. What kind
 * of entries they are does not matter.
 */
const bareSigns = [
  ['head', 'objects', 'refs'],
  ['head', 'commondir'],
];
const inBareSigns = new Set(bareSigns.flat());

/**
 * A repository that comes along would have git run what its configuration says: nobody shares one, nobody takes one.
 * Names count as any file system may take them.
 */
export function isGitName(name: string): boolean {
  const plain = plainName(name);
  return plain === '.git' || plain === 'git~1';
}

/** Finds folders that are repositories themselves, bare ones, while their entries come in any order. */
export class BareRepositories {
  /** By the id of the folder: of its entries, those that matter. */
  readonly #found = new Map<number, Set<string>>();

  /** @returns whether the entry makes its folder one */
  add(folder: number, name: string): boolean {
    const plain = plainName(name);
    if (!inBareSigns.has(plain)) return false;
    const found = this.#found.get(folder) ?? new Set();
    this.#found.set(folder, found.add(plain));
    return bareSigns.some((names) => names.every((one) => found.has(one)));
  }
}

function plainName(name: string): string {
  return foldName(name.replace(ignorable, ''));
}
