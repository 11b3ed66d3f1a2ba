import assert from 'node:assert/strict';
import fc from 'fast-check';
import { noticeText, pickText, visibleText } from '../../src/vscode/visibleText.js';
import { anyText } from '../support/anyText.js';

describe('names of others, shown', () => {
  it('stay as they are where every character is visible', () => {
    for (const name of ['notes.md', '報告書 2026.pdf', 'naïve.txt', '📦.zip']) {
      assert.equal(visibleText(name), name);
    }
  });

  it('show what hides, reorders or ends text', () => {
    assert.equal(visibleText('a\u202Etxt.exe'), 'a\\u{202e}txt.exe');
    assert.equal(visibleText('a\nb'), 'a\\u{a}b');
    assert.equal(visibleText('a\u200Bb\u2028c\u{E0041}'), 'a\\u{200b}b\\u{2028}c\\u{e0041}');
  });

  it('are cut when they are very long', () => {
    assert.equal(Array.from(visibleText('x'.repeat(5000))).length, 201);
  });

  it('draw no icon in a pick and make no link in a notification', () => {
    assert.equal(pickText('$(trash) x'), '\\$(trash) x');
    assert.equal(noticeText('[ok](command:evil)'), '[ok] (command:evil)');
  });

  it('never hold an invisible character, whatever they were', () => {
    fc.assert(
      fc.property(anyText, (name) => {
        assert.doesNotMatch(visibleText(name), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      }),
    );
  });
});
