import { existsSync, lstatSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { PeerError } from '../../common/errors.js';

const fileName = '.gitignore';
/** Longest file of rules that is read, bytes. */
const maxBytes = 2 ** 20;
/** Git does the same by default on these. */
const ignorecase = process.platform === 'win32' || process.platform === 'darwin';

interface Level {
  readonly rules: Ignore;
  /** From the folder of these rules to the one that is looked at: empty, or `a/b/`. */
  readonly way: string;
}

/** The rules of all `.gitignore` files that count in one folder; the innermost that says anything decides. */
export class IgnoreRules {
  /** No rules: everything is shared. */
  static readonly none = new IgnoreRules([], false);

  private constructor(
    /** Innermost first. */
    private readonly levels: readonly Level[],
    /** Whether files of rules further down are read. */
    private readonly reads: boolean,
  ) {}

  /**
   * The rules for the folder at the absolute path `folder`: its own, and those of the folders above it in the same
   * git repository, unless these leave out the folder itself: who shares it by name wants it.
   *
   * @throws PeerError `disk`, `limit`
   */
  static of(folder: string): IgnoreRules {
    let rules = new IgnoreRules([], true);
    const names: string[] = [];
    let top = folder;
    while (!existsSync(path.join(top, '.git'))) {
      const parent = path.dirname(top);
      if (parent === top) return rules.#read(folder); // in no repository
      names.unshift(path.basename(top));
      top = parent;
    }
    for (const name of names) {
      rules = rules.#read(top);
      if (rules.ignores(name, true)) return new IgnoreRules([], true).#read(folder);
      rules = rules.#below(name);
      top = path.join(top, name);
    }
    return rules.#read(folder);
  }

  /** The rules for a folder in this one, at the absolute path `folder`. */
  enter(folder: string, name: string): IgnoreRules {
    return this.reads ? this.#below(name).#read(folder) : this;
  }

  /** @param name of an entry right in this folder */
  ignores(name: string, isFolder: boolean): boolean {
    for (const { rules, way } of this.levels) {
      const result = rules.test(`${way}${name}${isFolder ? '/' : ''}`);
      if (result.ignored) return true;
      if (result.unignored) return false;
    }
    return false;
  }

  #below(name: string): IgnoreRules {
    const levels = this.levels.map(({ rules, way }) => ({ rules, way: `${way}${name}/` }));
    return new IgnoreRules(levels, this.reads);
  }

  #read(folder: string): IgnoreRules {
    const file = path.join(folder, fileName);
    const stat = lstatSync(file, { throwIfNoEntry: false });
    if (stat?.isFile() !== true) return this;
    if (stat.size > maxBytes) throw new PeerError('limit', `The rules in ${file} are too long.`);
    const rules = ignore({ ignorecase }).add(readFileSync(file, 'utf8'));
    return new IgnoreRules([{ rules, way: '' }, ...this.levels], true);
  }
}
