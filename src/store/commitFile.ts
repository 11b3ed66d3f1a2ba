/**
 * The COMMIT of a share as it lies beside its shards: signed manifest and receipts, wire forms.
 *
 *     "CPCOMMIT" ‖ version u32 LE = 1 ‖ count u32 LE ‖ count × (length u32 LE ‖ bytes) ‖ SHA-256 of all before
 *
 * The first item is the manifest.
 */
import { createHash } from 'node:crypto';
import { equalBytes } from '../common/bytes.js';
import { PeerError } from '../common/errors.js';
import { shardLimits } from './limits.js';

const magic = Buffer.from('CPCOMMIT');
const version = 1;
const headSize = 16;
const digestSize = 32;

export interface CommitFile {
  readonly manifest: Uint8Array;
  readonly receipts: readonly Uint8Array[];
}

/** @throws {PeerError} `limit` */
export function encodeCommitFile({ manifest, receipts }: CommitFile): Uint8Array {
  const items = [manifest, ...receipts];
  const head = Buffer.alloc(headSize);
  magic.copy(head);
  head.writeUInt32LE(version, 8);
  head.writeUInt32LE(items.length, 12);
  const parts: Uint8Array[] = [head];
  for (const item of items) {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(item.byteLength);
    parts.push(length, item);
  }
  const body = Buffer.concat(parts);
  if (
    items.length > shardLimits.commitItems ||
    body.byteLength + digestSize > shardLimits.commitBytes
  ) {
    throw new PeerError('limit', 'A manifest with its receipts is too large.');
  }
  return Buffer.concat([body, createHash('sha256').update(body).digest()]);
}

/** @throws {PeerError} `integrity` when damaged, `unsupported` when of a newer version. */
export function decodeCommitFile(file: Uint8Array): CommitFile {
  const damaged = new PeerError('integrity', 'A manifest file is damaged.');
  const buffer = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const end = buffer.byteLength - digestSize;
  if (end < headSize || end + digestSize > shardLimits.commitBytes) throw damaged;
  const digest = createHash('sha256').update(buffer.subarray(0, end)).digest();
  if (!equalBytes(digest, buffer.subarray(end))) throw damaged;
  if (!equalBytes(buffer.subarray(0, 8), magic)) throw damaged;
  if (buffer.readUInt32LE(8) !== version) {
    throw new PeerError('unsupported', 'A newer version of this product wrote a manifest file.');
  }
  const count = buffer.readUInt32LE(12);
  if (count < 1 || count > shardLimits.commitItems) throw damaged;
  const items: Uint8Array[] = [];
  let at = headSize;
  for (let i = 0; i < count; i++) {
    if (at + 4 > end) throw damaged;
    const length = buffer.readUInt32LE(at);
    if (at + 4 + length > end) throw damaged;
    items.push(new Uint8Array(buffer.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  const [manifest, ...receipts] = items;
  if (at !== end || manifest === undefined) throw damaged;
  return { manifest, receipts };
}
