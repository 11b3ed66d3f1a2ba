import assert from 'node:assert/strict';
import fc from 'fast-check';
import { visible } from '../../src/common/visible.js';
import { anyText } from '../support/anyText.js';

describe('text of others', () => {
  it('never lets a control, format, separator or nameless character through', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        assert.doesNotMatch(visible(text), /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/u);
      }),
    );
    assert.equal(visible('報告 書 é 📦.txt'), '報告 書 é 📦.txt');
    assert.equal(visible('a\u202eb\ud800\ue000'), 'a\\u{202e}b\\u{d800}\\u{e000}');
  });
});
