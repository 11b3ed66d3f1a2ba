import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { decodeCommitFile, encodeCommitFile } from '../../../src/store/commitFile.js';
import {
  decodePrologue,
  encodePrologue,
  prologueSize,
} from '../../../src/store/shards/prologue.js';
import { unlessRefused, type FuzzTarget } from '../target.js';

/** All before the digest; the digest is made right, so that more is looked at than that. */
export const prologue: FuzzTarget = {
  name: 'prologue',
  seeds: () => [
    encodePrologue({
      ...{ shareId: '0123456789abcdef'.repeat(2), authorId: 'aa'.repeat(32), shard: 3 },
      geometry: { k: 4, m: 6, q: 529, segments: 0x01020304, lastQ: 17 },
    }).subarray(0, prologueSize - 32),
  ],
  run: (input) => {
    const bytes = withDigest(input);
    const read = unlessRefused(['integrity', 'unsupported', 'protocol', 'limit'], () =>
      decodePrologue(bytes),
    );
    if (read !== undefined) assert.deepEqual(Buffer.from(encodePrologue(read)), bytes);
  },
};

export const commitFile: FuzzTarget = {
  name: 'commit-file',
  seeds: () => {
    const receipts = [Uint8Array.of(1, 2, 3), new Uint8Array(0)];
    return [encodeCommitFile({ manifest: Uint8Array.of(9), receipts }).subarray(0, -32)];
  },
  run: (input) => {
    const bytes = withDigest(input);
    const read = unlessRefused(['integrity', 'unsupported'], () => decodeCommitFile(bytes));
    if (read !== undefined) assert.deepEqual(Buffer.from(encodeCommitFile(read)), bytes);
  },
};

function withDigest(body: Uint8Array): Buffer {
  return Buffer.concat([body, createHash('sha256').update(body).digest()]);
}
