import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Geometry, geometryWith, segmentCapacity } from '../../../src/chunk/geometry.js';
import { Kernel } from '../../../src/chunk/kernel.js';
import { signManifest } from '../../../src/chunk/manifest.js';
import { signReceipt } from '../../../src/chunk/receipt.js';
import { SEALED_INFO_SIZE } from '../../../src/chunk/sealedInfo.js';
import { SegmentCodec } from '../../../src/chunk/segment.js';
import { pieceHash, shardRoot } from '../../../src/chunk/shardRoot.js';
import { newShareId } from '../../../src/chunk/shareId.js';
import { concatBytes, toHex } from '../../../src/common/bytes.js';

/** A share with real pieces, manifest and receipts, as an author would send it. */
export interface MadeShare {
  readonly shareId: string;
  readonly authorId: string;
  readonly geometry: Geometry;
  /** By shard, then by segment. */
  readonly pieces: readonly (readonly Uint8Array[])[];
  readonly roots: readonly Uint8Array[];
  readonly manifest: Uint8Array;
  readonly receipts: readonly Uint8Array[];
}

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const signer = (data: Uint8Array): Uint8Array =>
  new Uint8Array(sign('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' }));
const spki = publicKey.export({ format: 'der', type: 'spki' });
const authorId = pieceHash(new Uint8Array(spki));
const groupId = new Uint8Array(32).fill(7);

/** Small pieces (`q` chunks), so that many segments cost little. */
export function makeShare(size: number, k: number, m: number, q = 2): MadeShare {
  const module = new WebAssembly.Module(
    new Uint8Array(readFileSync(path.resolve('dist/kernel.wasm'))),
  );
  const { shareId, random } = newShareId(groupId, authorId);
  const geometry = geometryWith(size, k, m, q);
  const codec = new SegmentCodec(Kernel.create(module), { shareId, geometry });
  const key = new Uint8Array(randomBytes(32));
  const pieces: Uint8Array[][] = Array.from({ length: k + m }, () => []);
  for (let segment = 0; segment < geometry.segments; segment++) {
    const plaintext = new Uint8Array(randomBytes(segmentCapacity(geometry, segment)));
    const encoded = codec.encode(segment, plaintext, key);
    pieces.forEach((shard, i) => {
      const piece = encoded[k === 1 ? 0 : i];
      if (piece === undefined) throw new Error('a piece is missing');
      shard.push(piece);
    });
  }
  const { segments } = geometry;
  const roots = pieces.map((shard, i) =>
    shardRoot(
      { shareId, shard: k === 1 ? 0 : i, segments },
      concatBytes(...shard.map((piece) => pieceHash(piece))),
    ),
  );
  const unsigned = {
    shareId,
    groupId,
    authorId,
    random,
    geometry,
    roots: k === 1 ? roots.slice(0, 1) : roots,
    epoch: new Uint8Array(32).fill(3),
    salt: new Uint8Array(16).fill(4),
    createdAt: 1_700_000_000_000,
    lineage: new Uint8Array(16).fill(5),
    predecessor: null,
    sealed: new Uint8Array(SEALED_INFO_SIZE).fill(6),
  };
  const receipts = roots.map((root, shard) => {
    const holderId = new Uint8Array(32).fill(shard + 1);
    return signReceipt({ groupId, shareId, shard, segments, root, holderId, at: 1 }, signer);
  });
  return {
    shareId: toHex(shareId),
    authorId: toHex(authorId),
    geometry,
    pieces,
    roots,
    manifest: signManifest(unsigned, signer),
    receipts,
  };
}
