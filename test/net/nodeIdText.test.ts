import assert from 'node:assert/strict';
import fc from 'fast-check';
import { PeerError } from '../../src/common/errors.js';
import { formatNodeId, parseNodeId } from '../../src/net/nodeIdText.js';

const nodeId = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString('hex'));
const isUsage = (error: unknown): boolean => PeerError.is(error, 'usage');

describe('node ids for people', () => {
  it('are eight groups of seven, and the same every time', () => {
    assert.equal(
      formatNodeId('00'.repeat(32)),
      Array.from({ length: 8 }, () => 'AAAAAAA').join('-'),
    );
    const counting = Buffer.from(Array.from({ length: 32 }, (_, byte) => byte)).toString('hex');
    assert.equal(
      formatNodeId(counting),
      'AAAQEAY-EAUDAOB-CAJBIFQ-YDIOB4B-IBCEQTC-QKRMFYX-YDENBWH-A5DYPQG',
    );
  });

  it('come back, however they are typed', () => {
    fc.assert(
      fc.property(nodeId, (id) => {
        const text = formatNodeId(id);
        assert.match(text, /^([A-Z2-7]{7}-){7}[A-Z2-7]{7}$/);
        const typed = text.toLowerCase().replaceAll('-', ' ').replaceAll('o', '0');
        assert.equal(parseNodeId(text), id);
        assert.equal(parseNodeId(typed.replaceAll('i', '1').replaceAll('b', '8')), id);
      }),
    );
  });

  it('with one wrong character are refused', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
    fc.assert(
      fc.property(nodeId, fc.nat(55), fc.integer({ min: 1, max: 31 }), (id, at, step) => {
        const characters = Array.from(formatNodeId(id).replaceAll('-', ''));
        const old = alphabet.indexOf(characters[at] ?? '');
        characters[at] = alphabet.charAt((old + step) % 32);
        assert.throws(() => parseNodeId(characters.join('')), isUsage);
      }),
    );
  });

  it('that are none are refused', () => {
    for (const text of ['', 'AAAAAAA', 'A'.repeat(57), '!'.repeat(56)]) {
      assert.throws(() => parseNodeId(text), isUsage);
    }
  });
});
