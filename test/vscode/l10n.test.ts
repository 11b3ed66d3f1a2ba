import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { repoRoot } from './host/hostPaths.js';
import { proseIn, unlocalisedStrings } from './l10n/unlocalised.js';

type Words = Readonly<Record<string, string>>;

function read(file: string): Words {
  return JSON.parse(readFileSync(path.join(repoRoot, file), 'utf8')) as Words;
}

/** What a translation has to keep: placeholders, code, and what buttons and links run. */
function fixedParts(text: string): string[] {
  return (text.match(/\{\d+\}|`[^`]*`|\]\([^)]+\)/g) ?? []).sort();
}

describe('translations', () => {
  const pairs = [
    ['package.nls.json', 'package.nls.de.json'],
    ['l10n/bundle.l10n.json', 'l10n/bundle.l10n.de.json'],
  ] as const;
  for (const [english, german] of pairs) {
    it(`${german} says all that ${english} does, and nothing else`, () => {
      assert.deepEqual(Object.keys(read(german)).sort(), Object.keys(read(english)).sort());
    });

    it(`${german} keeps placeholders, code and links`, () => {
      const originals = read(english);
      for (const [key, text] of Object.entries(read(german))) {
        assert.notEqual(text.trim(), '', key);
        assert.deepEqual(fixedParts(text), fixedParts(originals[key] ?? ''), key);
      }
    });
  }
});

describe('strings that the editor shows', () => {
  it('all come from the translation', () => {
    assert.deepEqual(unlocalisedStrings(), []);
  });

  it('are found where they do not', () => {
    const editor = `import * as vscode from 'vscode';`;
    const prose = (code: string): string[] =>
      proseIn(ts.createSourceFile('x.ts', code, ts.ScriptTarget.Latest, true)).map(
        (found) => found.prose,
      );
    assert.deepEqual(prose(`item.tooltip = 'two words';`), ['two words']);
    assert.deepEqual(prose('const a = `No ${one} is here`;'), ['No ', ' is here']);
    assert.deepEqual(prose(`${editor} throw new PeerError('usage', 'Not here.');`), ['Not here.']);
    assert.deepEqual(prose(`throw new PeerError('usage', 'Not here.');`), []);
    assert.deepEqual(prose(`vscode.l10n.t('Fine {0}.', 'not this one')`), ['not this one']);
    assert.deepEqual(prose(`log.warn('The peer is gone.'); x(vscode.l10n.t('Copy it'));`), []);
    assert.deepEqual(prose(`set('chunkPartitioner.peerState', 'sync~spin')`), []);
  });
});
