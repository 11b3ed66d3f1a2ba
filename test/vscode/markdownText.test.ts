import assert from 'node:assert/strict';
import fc from 'fast-check';
import { markdownText } from '../../src/vscode/markdownText.js';

describe('text of others in Markdown', () => {
  it('stays what it is', () => {
    assert.equal(markdownText('build.log'), 'build\\.log');
    assert.equal(markdownText('[go](command:x)'), '\\[go\\]\\(command\\:x\\)');
    assert.equal(
      markdownText('$(bug) **b** `c` <img src=x>'),
      '\\$\\(bug\\) \\*\\*b\\*\\* \\`c\\` \\<img src\\=x\\>',
    );
    assert.equal(markdownText('https://example.com'), 'https\\:\\/\\/example\\.com');
    assert.equal(markdownText('&lt;b&gt;'), '\\&lt\\;b\\&gt\\;');
    assert.equal(markdownText('報告 été'), '報告 été');
  });

  it('keeps its spaces, also where Markdown would not', () => {
    assert.equal(markdownText('    code'), '\u00a0\u00a0\u00a0 code');
    assert.equal(markdownText(' a  b '), '\u00a0a\u00a0 b\u00a0');
  });

  it('has one line, and no punctuation that is not escaped', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const escaped = markdownText(text);
        assert.ok(!/[\r\n\u2028\u2029]/.test(escaped));
        assert.equal(escaped.replaceAll(/\\[!-/:-@[-`{-~]/g, '').search(/[!-/:-@[-`{-~]/), -1);
      }),
    );
  });
});
