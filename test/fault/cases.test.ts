import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const cases = 40;
const folder = import.meta.dirname;

/** Number and name of each file with a suite. */
function suites(): { readonly number: number; readonly file: string; readonly text: string }[] {
  return readdirSync(folder)
    .filter((file) => /^\d\d-.+\.test\.ts$/.test(file))
    .map((file) => ({
      ...{ number: Number(file.slice(0, 2)), file },
      text: readFileSync(join(folder, file), 'utf8'),
    }));
}

describe('the faults', () => {
  const numbers = Array.from({ length: cases }, (_, index) => index + 1);

  it(`are ${String(cases)}, each with a file and a suite of its own`, () => {
    const found = suites().map(({ number }) => number);
    assert.deepEqual(found, numbers);
    for (const { file, text } of suites()) {
      assert.match(text, new RegExp(`describe\\(\\s*['"\`]fault ${file.slice(0, 2)}: `), file);
      assert.match(text, /\bit\(/, file);
    }
  });

  it('are all in the table, with their files', () => {
    const rows = readFileSync(join(folder, 'README.md'), 'utf8')
      .split('\n')
      .map((line) => /^\| (\d+) +\| .*\| `(\S+)` *\|$/.exec(line))
      .filter((row) => row !== null)
      .map(([, number, file]) => ({ number: Number(number), file }));
    assert.deepEqual(
      rows,
      suites().map(({ number, file }) => ({ number, file })),
    );
  });
});
