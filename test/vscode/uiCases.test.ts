import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { repoRoot } from './host/hostPaths.js';

const folder = path.join(repoRoot, 'test', 'vscode', 'workbench');
const suites = path.join(folder, 'cases');
const numbers = Array.from({ length: 25 }, (_, index) => index + 1);

/** Cases whose suites are not written yet. */
const pending: readonly number[] = [];

/** Rows of the README: the number of a case, 0 for what is shown besides, and the file that holds it. */
function allRows(): { readonly number: number; readonly file: string }[] {
  return readFileSync(path.join(folder, 'README.md'), 'utf8')
    .split('\n')
    .map((line) => /^\| (\d+| {2}) +\| .*\| `(\S+)` *\|$/.exec(line))
    .filter((row) => row !== null)
    .map(([, number, file]) => ({ number: Number(number), file: file ?? '' }));
}

function rows(): ReturnType<typeof allRows> {
  return allRows().filter(({ number }) => number > 0);
}

describe('the cases of the editor', () => {
  it(`are ${String(numbers.length)}, all in the table`, () => {
    assert.deepEqual(
      rows().map(({ number }) => number),
      numbers,
    );
  });

  it('have a suite each, which keeps a screenshot', () => {
    for (const { number, file } of rows()) {
      const label = String(number).padStart(2, '0');
      const full = path.join(suites, file);
      const text = existsSync(full) ? readFileSync(full, 'utf8') : '';
      const written = new RegExp(`describe\\(\\s*['"\`]case ${label}: `).test(text);
      assert.equal(written, !pending.includes(number), `case ${label} in ${file}`);
      if (!written) continue;
      assert.match(text, /\bit\(/, file);
      assert.match(text, new RegExp(`screenshot\\(\\s*['"\`]${label}-`), file);
    }
  });

  it('are all there is in their folder', () => {
    const known = new Set(allRows().map(({ file }) => file));
    const found = readdirSync(suites).filter((file) => file.endsWith('.test.ts'));
    assert.deepEqual(
      found.filter((file) => !known.has(file)),
      [],
    );
  });
});
