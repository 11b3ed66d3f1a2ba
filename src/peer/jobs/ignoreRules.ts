import { existsSync, lstatSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { PeerError } from '../../common/errors.js';
import { folderLimits } from '../limits.js';

const fileName = '.gitignore';
/** Git does the same by default on these. */
const ignorecase = process.platform === 'win32' || process.platform === 'darwin';

/**
 * The rules of all `.gitignore` files that count in one folder, as one list: the last that matches decides, and what
 * lies in a folder that is left out is left out.
 */
export class IgnoreRules {
  /** No rules: everything is shared. */
  static readonly none = new IgnoreRules(null, '');

  private constructor(
    private readonly rules: Ignore | null,
    /** From the folder of the outermost rules to this one: empty, or `a/b/`. */
    private readonly way: string,
    /** Rules in it. */
    private readonly count = 0,
  ) {}

  /**
   * The rules for the folder at the absolute path `folder`: its own, and those of the folders above it in the same
   * git repository, unless these leave out the folder itself: who shares it by name wants it.
   *
   * @throws PeerError `disk`, `limit`
   */
  static of(folder: string): IgnoreRules {
    const own = new IgnoreRules(ignore({ ignorecase }), '');
    const names: string[] = [];
    let top = folder;
    while (!existsSync(path.join(top, '.git'))) {
      const parent = path.dirname(top);
      if (parent === top) return own.#read(folder); // in no repository
      names.unshift(path.basename(top));
      top = parent;
    }
    let rules = own.#read(top);
    for (const name of names) {
      if (rules.ignores(name, true)) return own.#read(folder);
      top = path.join(top, name);
      rules = rules.enter(top, name);
    }
    return rules;
  }

  /** The rules for a folder in this one, at the absolute path `folder`. */
  enter(folder: string, name: string): IgnoreRules {
    if (this.rules === null) return this;
    return new IgnoreRules(this.rules, `${this.way}${name}/`, this.count).#read(folder);
  }

  /** @param name of an entry right in this folder */
  ignores(name: string, isFolder: boolean): boolean {
    return this.rules?.ignores(`${this.way}${name}${isFolder ? '/' : ''}`) ?? false;
  }

  #read(folder: string): IgnoreRules {
    const file = path.join(folder, fileName);
    const stat = lstatSync(file, { throwIfNoEntry: false });
    if (stat?.isFile() !== true || this.rules === null) return this;
    if (stat.size > folderLimits.ruleFileBytes) throw tooMuch(file);
    const lines = readFileSync(file, 'utf8')
      .replace(/^\ufeff/, '')
      .split(/\r?\n/)
      .filter((line) => line.trim() !== '' && !line.startsWith('#'))
      .map((line) => line.replace(/\/(\*\*\/)+/g, '/**/'));
    const count = this.count + lines.length;
    if (count > folderLimits.rules || lines.some((line) => gapsIn(line) > folderLimits.gaps))
      throw tooMuch(file);
    const below = lines.map((line) => from(this.way, line));
    return new IgnoreRules(ignore({ ignorecase }).add(this.rules).add(below), this.way, count);
  }
}

function gapsIn(line: string): number {
  return line.split('/**/').length - 1;
}

function tooMuch(file: string): PeerError {
  return new PeerError('limit', `The rules in ${file} are too long, or would take too long.`, {
    hint: 'Make them simpler, or share everything: “--no-ignore” in the terminal.',
  });
}

/** A rule of the folder `way` as one of the outermost: it matches nothing outside of its folder. */
function from(way: string, line: string): string {
  if (way === '') return line;
  const negated = line.startsWith('!');
  // Escapes count at the start of a line only, where these would not be letters like others.
  const pattern = line.slice(negated ? 1 : 0).replace(/^\\([!#])/, '$1');
  const bound = pattern.trimEnd().replace(/\/$/, '').includes('/');
  const folder = way.replace(/[\\*?[\]!# ]/g, '\\$&');
  return `${negated ? '!' : ''}/${folder}${bound ? pattern.replace(/^\//, '') : `**/${pattern}`}`;
}
