import assert from 'node:assert/strict';
import { pseudo, untranslated } from './l10n/pseudo.js';

describe('the pseudo-locale', () => {
  it('marks each line, and the words of a button within it', () => {
    assert.equal(pseudo('Copy'), '⟦Copy⟧');
    assert.equal(pseudo('First.\n[Go](command:a.b)'), '⟦First.⟧\n[⟦Go⟧](command:a.b)');
  });

  it('finds what is not marked, and leaves out names, figures and units', () => {
    const names = ['core dump.bin', 'alice'];
    assert.deepEqual(untranslated('core dump.bin, 18 MB, ⟦proved {0}⟧', names), []);
    assert.deepEqual(untranslated('⟦Shared core dump.bin: ⟦survives⟧.⟧ alice', names), []);
    assert.deepEqual(untranslated('alice, 12 ms, offline', names), ['offline']);
    assert.deepEqual(untranslated('⟦5 m⟧ ago', names), ['ago']);
  });
});
