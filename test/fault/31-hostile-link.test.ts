import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow } from '../e2e/scan.js';
import { repository } from '../support/cliProcess.js';

/** How the editor is asked to hand links to an extension, in its manifest and in code. */
const handlers = /onUri\b|registerUriHandler|UriHandler|handleUri/;

describe('fault 31: a hostile vscode:// link neither writes nor opens anything, since nothing here listens to links', () => {
  it('neither the manifest, nor the source, nor what is built of it takes any', () => {
    const files = [
      join(repository, 'package.json'),
      join(repository, 'dist', 'extension.js'),
      ...filesBelow(join(repository, 'src')).filter((file) => file.endsWith('.ts')),
    ];
    assert.deepEqual(
      files.filter((file) => handlers.test(readFileSync(file, 'utf8'))),
      [],
    );
  });
});
