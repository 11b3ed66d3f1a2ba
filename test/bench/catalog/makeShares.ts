/** A thread that makes shares: manifests, sealed and signed, and receipts of all holders. */
import { createHash, createPrivateKey, randomBytes, sign } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { geometryFor } from '../../../src/chunk/geometry.js';
import { signManifest, type Manifest } from '../../../src/chunk/manifest.js';
import { signReceipt } from '../../../src/chunk/receipt.js';
import { sealInfo, type SealedInfo } from '../../../src/chunk/sealedInfo.js';
import { newShareId } from '../../../src/chunk/shareId.js';
import { fromHex } from '../../../src/common/bytes.js';
import { epochName } from '../../../src/peer/membership/epochKeys.js';
import { entryId, shareName } from '../../../src/peer/catalog/intake.js';
import { newReceipt, newShare } from '../../../src/store/facts.js';
import type { Fact } from '../../../src/store/store.js';

export interface MakeSharesData {
  readonly groupId: string;
  readonly authorId: string;
  /** Private keys: PKCS #8, PEM. */
  readonly authorKey: string;
  readonly epochKey: Uint8Array;
  readonly holders: readonly { readonly spki: Uint8Array; readonly key: string }[];
  /** When the newest was shared. */
  readonly now: number;
  readonly total: number;
  /** First share and the one after the last. */
  readonly from: number;
  readonly to: number;
  readonly batch: number;
}

const data = workerData as MakeSharesData;
const groupId = fromHex(data.groupId);
const authorId = fromHex(data.authorId);
const signer = (pem: string): ((bytes: Uint8Array) => Uint8Array) => {
  const key = createPrivateKey(pem);
  return (bytes) => new Uint8Array(sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }));
};
const author = signer(data.authorKey);
const holders = data.holders.map(({ spki, key }) => ({
  id: new Uint8Array(createHash('sha256').update(spki).digest()),
  sign: signer(key),
}));
const epoch = epochName(data.epochKey);
const m = Math.floor(holders.length / 2);
const k = holders.length - m;

/** Names are `file-000000.bin` and so on; of 50 files one is a newer version of the one before it. */
function factsOf(index: number): Fact[] {
  const isVersion = index % 50 === 49;
  const file = isVersion ? index - 1 : index;
  const name = `file-${String(file).padStart(6, '0')}.bin`;
  const size = 1 + ((index * 7919) % 5_000_000);
  const info: SealedInfo = {
    contentKey: new Uint8Array(randomBytes(32)),
    size: size + 100,
    treeOffset: size,
    treeLength: 100,
    treeDigest: new Uint8Array(randomBytes(32)),
    name,
    kind: 'file',
    entries: 1,
    totalSize: size,
    sha256: new Uint8Array(randomBytes(32)),
  };
  const { shareId, random } = newShareId(groupId, authorId);
  const geometry = geometryFor(info.size, k, m);
  const open: Omit<Manifest, 'sealed'> = {
    ...{ shareId, groupId, authorId, random, geometry, epoch },
    roots: Array.from({ length: k === 1 ? 1 : k + m }, () => new Uint8Array(randomBytes(32))),
    salt: new Uint8Array(randomBytes(16)),
    createdAt: data.now - (data.total - index) * 60_000,
    lineage: new Uint8Array(createHash('sha256').update(name).digest().subarray(0, 16)),
    predecessor: null,
  };
  const manifest: Manifest = { ...open, sealed: sealInfo(info, open, data.epochKey) };
  const bytes = signManifest(manifest, author);
  const share = newShare(manifest, shareName(info));
  return [
    { kind: 'manifest', id: entryId(bytes), bytes, share },
    ...holders.map((holder, shard): Fact => {
      const receipt = {
        ...{ groupId, shareId, shard, segments: geometry.segments, holderId: holder.id },
        root: manifest.roots[k === 1 ? 0 : shard] ?? new Uint8Array(32),
        at: manifest.createdAt,
      };
      const signed = signReceipt(receipt, holder.sign);
      const taken = newReceipt(receipt);
      return { kind: 'receipt', id: entryId(signed), bytes: signed, receipt: taken };
    }),
  ];
}

let next = data.from;
const sendBatch = (): void => {
  const end = Math.min(data.to, next + data.batch);
  const facts: Fact[] = [];
  for (; next < end; next++) facts.push(...factsOf(next));
  parentPort?.postMessage(facts);
};
// Two batches are made ahead of the one that is being taken.
parentPort?.on('message', () => {
  if (next < data.to) sendBatch();
  else parentPort?.postMessage(null);
});
if (data.from >= data.to) parentPort?.postMessage(null);
else sendBatch();
