import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const repository = path.resolve(import.meta.dirname, '../..');
const pages = ['README.md', 'CONTRIBUTING.md', 'src/README.md'];

function read(file: string): string {
  return readFileSync(path.join(repository, file), 'utf8');
}

describe('the documentation', () => {
  for (const page of pages) {
    it(`${page} names only npm scripts that exist`, () => {
      const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
      const named = [...read(page).matchAll(/npm run ([\w:-]+)/g)].map((match) => match[1] ?? '');
      assert.ok(named.length > 0 || page === 'src/README.md');
      assert.deepEqual(
        named.filter((script) => !(script in scripts)),
        [],
      );
    });

    it(`${page} links only to files that exist`, () => {
      const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)];
      const missing = links
        .map((match) => path.join(repository, path.dirname(page), match[1] ?? ''))
        .filter((file) => !existsSync(file));
      assert.deepEqual(missing, []);
    });
  }

  it('names in src/README.md every folder and every dependency', () => {
    const { dependencies } = JSON.parse(read('package.json')) as {
      dependencies: Record<string, string>;
    };
    const map = read('src/README.md');
    const folders = ['vscode', 'cli', 'control', 'peer', 'store', 'net', 'protocol', 'chunk'];
    for (const name of [...folders.map((folder) => `${folder}/`), ...Object.keys(dependencies)]) {
      assert.ok(map.includes(name), `src/README.md says nothing of ${name}`);
    }
  });
});
