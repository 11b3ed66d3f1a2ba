import assert from 'node:assert/strict';
import { geometryFor } from '../../../src/chunk/geometry.js';
import {
  decodeManifest,
  encodeManifest,
  signManifest,
  verifyManifest,
} from '../../../src/chunk/manifest.js';
import { SEALED_INFO_SIZE } from '../../../src/chunk/sealedInfo.js';
import { newShareId } from '../../../src/chunk/shareId.js';
import { splitSigned } from '../../../src/chunk/signed.js';
import { counting, noise } from '../../chunk/expect.js';
import { newSigner } from '../../chunk/signers.js';
import { unlessRefused, type FuzzTarget } from '../target.js';

const author = newSigner();

export const manifest: FuzzTarget = {
  name: 'manifest',
  maxBytes: 66_000,
  seeds: () =>
    [
      [1, 2],
      [2, 1],
      [4, 6],
    ].map(([k = 1, m = 0]) => wireOf(k, m)),
  run: (input) => {
    const read = unlessRefused(['protocol', 'limit'], () => decodeManifest(input));
    if (read === undefined) return;
    const { body } = splitSigned(input, input.byteLength);
    assert.deepEqual(Buffer.from(encodeManifest(read)), Buffer.from(body));
    if (verifyManifest(input, author.spki)) assert.deepEqual(read.authorId, author.id);
  },
};

function wireOf(k: number, m: number): Uint8Array {
  const groupId = counting(32, 1);
  const { shareId, random } = newShareId(groupId, author.id);
  return signManifest(
    {
      ...{ shareId, groupId, authorId: author.id, random },
      geometry: geometryFor(5_000_120, k, m),
      roots: Array.from({ length: k === 1 ? 1 : k + m }, (_, shard) => noise(32, shard)),
      epoch: counting(32, 3),
      salt: counting(16, 4),
      createdAt: 1_790_000_000_000,
      lineage: counting(16, 5),
      predecessor: k === 2 ? counting(16, 6) : null,
      sealed: noise(SEALED_INFO_SIZE),
    },
    author.sign,
  );
}
