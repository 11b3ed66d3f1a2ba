import assert from 'node:assert/strict';
import { createCipheriv, hkdfSync } from 'node:crypto';
import { encodeCbor } from '../../../src/chunk/cbor.js';
import { entryNameProblem } from '../../../src/chunk/entryName.js';
import { geometryFor } from '../../../src/chunk/geometry.js';
import { openInfo, sealInfo, SEALED_INFO_SIZE } from '../../../src/chunk/sealedInfo.js';
import { concatBytes } from '../../../src/common/bytes.js';
import { counting } from '../../chunk/expect.js';
import { unlessRefused, type FuzzTarget } from '../target.js';

const epochKey = counting(32, 99);
const open = {
  ...{ shareId: counting(16), groupId: counting(32, 1), authorId: counting(32, 2) },
  ...{ salt: counting(16, 4), geometry: geometryFor(5_000_120, 2, 1) },
};
const nonce = counting(12);

/**
 * Of a member, who has the key: what it seals may say anything. An odd first byte is a sealed part as it is, a
 * large one makes its length wrong.
 */
export const sealedInfo: FuzzTarget = {
  name: 'sealed-info',
  head: 1,
  seeds: () => {
    const plain = encodeCbor({
      ...{ v: 1, key: counting(32, 7), size: 5_000_120, treeAt: 5_000_000, treeSize: 120 },
      ...{ tree: counting(32, 8), name: '報告書.pdf', kind: 'file', entries: 1 },
      ...{ total: 5_000_000, sha: counting(32, 9) },
    });
    return [concatBytes(Uint8Array.of(0), plain), concatBytes(Uint8Array.of(1), seal(plain))];
  },
  run: (input) => {
    const rest = input.subarray(1);
    const [choice = 0] = input;
    const sealed = (choice & 1) === 1 ? rest : seal(rest, rest.byteLength - (choice >> 5));
    const info = unlessRefused(['integrity', 'protocol', 'limit'], () =>
      openInfo({ ...open, sealed }, epochKey),
    );
    if (info === undefined) return;
    assert.equal(entryNameProblem(info.name), null);
    const again = sealInfo(info, open, epochKey);
    assert.deepEqual(openInfo({ ...open, sealed: again }, epochKey), info);
  },
};

/** As the format says, and by no code of it. */
function seal(plain: Uint8Array, length = plain.byteLength): Uint8Array {
  const padded = Buffer.alloc(SEALED_INFO_SIZE - 28);
  padded.writeUInt16LE(length & 0xffff);
  padded.set(plain.subarray(0, padded.byteLength - 2), 2);
  const salt = concatBytes(open.shareId, open.salt);
  const key = hkdfSync('sha256', epochKey, salt, 'chunk-partitioner/1/seal-key\0', 32);
  const cipher = createCipheriv('aes-256-gcm', new Uint8Array(key), nonce);
  cipher.setAAD(concatBytes(open.shareId, open.groupId, open.authorId));
  return concatBytes(nonce, cipher.update(padded), cipher.final(), cipher.getAuthTag());
}
