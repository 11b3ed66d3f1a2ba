import assert from 'node:assert/strict';
import { parseByteSize, parseLimit } from '../../src/common/byteSize.js';

describe('sizes as people write them', () => {
  it('are read in decimal and in binary units', () => {
    const sizes: Readonly<Record<string, number>> = {
      '0': 0,
      '512': 512,
      '10GiB': 10 * 2 ** 30,
      '10 gb': 1e10,
      ' 1.5 TB ': 1.5e12,
      '0.5KiB': 512,
      '3B': 3,
    };
    for (const [text, bytes] of Object.entries(sizes))
      assert.equal(parseByteSize(text), bytes, text);
  });

  it('are not guessed', () => {
    for (const text of [
      '',
      'GB',
      '-1',
      '1e3',
      '10 G',
      '1,5 GB',
      '10GBs',
      '9'.repeat(16),
      '99999999 TB',
    ]) {
      assert.equal(parseByteSize(text), null, text);
      assert.equal(parseLimit(text), undefined, text);
    }
  });

  it('may have no limit', () => {
    assert.equal(parseLimit('unlimited'), null);
    assert.equal(parseLimit('0'), 0);
  });
});
