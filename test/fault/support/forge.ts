import { createCipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { encodeCbor } from '../../../src/chunk/cbor.js';
import type { OpenPart } from '../../../src/chunk/manifest.js';
import { SEALED_INFO_SIZE, type SealedInfo } from '../../../src/chunk/sealedInfo.js';

const nonceBytes = 12;
const tagBytes = 16;

/** Seals whatever it is told to. By FORMAT.md, not by the code that would look at it first. */
export function sealLoosely(info: SealedInfo, open: OpenPart, epochKey: Uint8Array): Uint8Array {
  const { shareId, groupId, authorId, salt } = open;
  const encoded = encodeCbor({
    ...{ v: 1, key: info.contentKey, size: info.size, treeAt: info.treeOffset },
    ...{ treeSize: info.treeLength, tree: info.treeDigest, name: info.name, kind: info.kind },
    ...{ entries: info.entries, total: info.totalSize, sha: info.sha256 },
  });
  const plain = Buffer.alloc(SEALED_INFO_SIZE - nonceBytes - tagBytes);
  plain.writeUInt16LE(encoded.byteLength, 0);
  plain.set(encoded, 2);
  const key = Buffer.from(
    hkdfSync(
      'sha256',
      epochKey,
      Buffer.concat([shareId, salt]),
      Buffer.from('chunk-partitioner/1/seal-key\0'),
      32,
    ),
  );
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.concat([shareId, groupId, authorId]));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** An entry of a tree that nobody has looked at. */
export type LooseEntry =
  | { readonly t: 'file'; readonly path: string; readonly size: number; readonly sha: Uint8Array }
  | { readonly t: 'dir'; readonly path: string }
  | { readonly t: 'symlink'; readonly path: string; readonly target: string };

/** A tree of any entries, in its canonical form. */
export function looseTree(entries: readonly LooseEntry[]): Uint8Array {
  const header = encodeCbor({ v: 1, entries: entries.length, git: null });
  const items = entries.map((entry) => encodeCbor({ ...entry, mode: 0o644, mtime: 1 }));
  return new Uint8Array(Buffer.concat([header, ...items]));
}
