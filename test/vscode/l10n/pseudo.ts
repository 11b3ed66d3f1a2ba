import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { repoRoot } from '../host/hostPaths.js';

/** The language that Windows and VS Code use for a translation that nobody speaks. */
export const pseudoLocale = 'qps-ploc';

/** A string as this language says it: the same between two brackets, each line by itself. */
export function pseudo(text: string): string {
  return text
    .split('\n')
    .map((line) => {
      // A line that is nothing but a link is drawn as a button.
      const [, words, target] = /^\[(.*)\]\((command:[^)]*)\)$/.exec(line) ?? [];
      return words === undefined ? `⟦${line}⟧` : `[⟦${words}⟧](${target ?? ''})`;
    })
    .join('\n');
}

/** Adds the translation to an installed extension: of the manifest, and of the strings of its code. */
export function addPseudoLocale(extensionFolder: string): void {
  const files = [
    ['package.nls.json', `package.nls.${pseudoLocale}.json`],
    ['l10n/bundle.l10n.json', `l10n/bundle.l10n.${pseudoLocale}.json`],
  ] as const;
  for (const [from, to] of files) {
    const words = JSON.parse(readFileSync(path.join(repoRoot, from), 'utf8')) as object;
    const translated = Object.entries(words).map(([key, text]) => [key, pseudo(String(text))]);
    writeFileSync(path.join(extensionFolder, to), JSON.stringify(Object.fromEntries(translated)));
  }
}

/** Units, abbreviations and the like, which are the same in every language of this product. */
const international =
  /^(?:B|kB|MB|GB|TB|PB|ms|s|m|h|d|min|KiB|MiB|GiB|TiB|SHA|Ctrl|Enter|Git|git)$/;

/**
 * Words of a text on screen that did not come from the translation.
 *
 * @param data what people and machines are called there: names of peers, files, groups
 */
export function untranslated(text: string, data: readonly string[]): string[] {
  let rest = text;
  for (let before = ''; before !== rest;) {
    before = rest;
    rest = rest.replace(/⟦[^⟦⟧]*⟧/g, ' '); // the innermost first: one string can be within another
  }
  // A long one is cut at its end, and so has lost its bracket.
  rest = rest.replace(/⟦.*…$/, ' ');
  for (const name of [...data].sort((a, b) => b.length - a.length))
    rest = rest.replaceAll(name, ' ');
  return rest
    .split(/[^\p{L}]+/u)
    .filter(
      (word) => /\p{L}{2}/u.test(word) && !international.test(word) && !/^[0-9a-f]+$/.test(word),
    );
}
