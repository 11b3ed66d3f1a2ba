import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { geometryWith } from '../../src/chunk/geometry.js';
import { PeerError } from '../../src/common/errors.js';
import { decodeCommitFile, encodeCommitFile } from '../../src/store/commitFile.js';
import { decodePrologue, encodePrologue } from '../../src/store/shards/prologue.js';

const description = {
  shareId: '000102030405060708090a0b0c0d0e0f',
  authorId: 'aa'.repeat(32),
  shard: 3,
  geometry: { k: 4, m: 6, q: 529, segments: 0x01020304, lastQ: 17 },
};

/** As the codecs make them, for deepEqual. */
const plain = { noNullPrototype: true };

describe('formats on disk', () => {
  it('has the golden prologue', () => {
    const bytes = Buffer.from(encodePrologue(description));
    assert.equal(bytes.byteLength, 512);
    assert.equal(
      bytes.toString('hex', 0, 80),
      '4350534841524400' + // CPSHARD
        '01000000' +
        '03040600' +
        '000102030405060708090a0b0c0d0e0f' +
        'aa'.repeat(32) +
        '11020000' +
        '04030201' +
        '11000000' +
        '00000000',
    );
    assert.ok(bytes.subarray(76, 480).every((byte) => byte === 0));
    const digest = createHash('sha256').update(bytes.subarray(0, 480)).digest();
    assert.deepEqual(bytes.subarray(480), digest);
  });

  it('reads every prologue that it writes, and no other', () => {
    const parts = fc.record(
      {
        shareId: fc.uint8Array({ minLength: 16, maxLength: 16 }).map(hex),
        authorId: fc.uint8Array({ minLength: 32, maxLength: 32 }).map(hex),
        shard: fc.integer({ min: 0, max: 2 }),
        geometry: fc.integer({ min: 0, max: 1e9 }).map((size) => geometryWith(size, 2, 1, 100)),
      },
      plain,
    );
    fc.assert(
      fc.property(parts, fc.nat(511), fc.integer({ min: 1, max: 255 }), (value, at, change) => {
        const bytes = encodePrologue(value);
        assert.deepEqual(decodePrologue(bytes), value);
        bytes[at] = (bytes[at] ?? 0) ^ change;
        assert.throws(() => decodePrologue(bytes), isCode('integrity'));
      }),
    );
  });

  it('tells a newer prologue from a damaged one', () => {
    const bytes = Buffer.from(encodePrologue(description));
    bytes[8] = 2;
    createHash('sha256').update(bytes.subarray(0, 480)).digest().copy(bytes, 480);
    assert.throws(() => decodePrologue(bytes), isCode('unsupported'));
  });

  it('has the golden COMMIT file', () => {
    const file = encodeCommitFile({
      manifest: new Uint8Array([1, 2]),
      receipts: [new Uint8Array([3])],
    });
    const body = '4350434f4d4d4954' + '01000000' + '02000000' + '020000000102' + '0100000003';
    const digest = createHash('sha256').update(Buffer.from(body, 'hex')).digest('hex');
    assert.equal(hex(file), body + digest);
  });

  it('reads every COMMIT file that it writes, and no other', () => {
    const bytes = fc.uint8Array({ maxLength: 60 });
    const parts = fc.record(
      { manifest: bytes, receipts: fc.array(bytes, { maxLength: 5 }) },
      plain,
    );
    fc.assert(
      fc.property(parts, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, at, change) => {
        const file = encodeCommitFile(value);
        assert.deepEqual(decodeCommitFile(file), value);
        const place = at % file.byteLength;
        file[place] = (file[place] ?? 0) ^ change;
        assert.throws(() => decodeCommitFile(file), isCode('integrity'));
        assert.throws(() => decodeCommitFile(file.subarray(0, place)), isCode('integrity'));
      }),
    );
  });

  it('refuses a COMMIT file whose digest is right and whose lengths are not', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (rest) => {
        const head = Buffer.from('4350434f4d4d495401000000', 'hex');
        const body = Buffer.concat([head, rest]);
        const file = Buffer.concat([body, createHash('sha256').update(body).digest()]);
        try {
          const read = decodeCommitFile(file);
          assert.deepEqual(Buffer.from(encodeCommitFile(read)), file);
        } catch (error) {
          assert.ok(PeerError.is(error, 'integrity'));
        }
      }),
    );
  });
});

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function isCode(code: 'integrity' | 'unsupported'): (error: unknown) => boolean {
  return (error) => PeerError.is(error, code);
}
