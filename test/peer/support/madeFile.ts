import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  chunksPerShard,
  geometryWith,
  segmentCapacity,
  segmentStart,
  type Geometry,
} from '../../../src/chunk/geometry.js';
import { Kernel } from '../../../src/chunk/kernel.js';
import { decodeManifest, signManifest, type Manifest } from '../../../src/chunk/manifest.js';
import { signReceipt } from '../../../src/chunk/receipt.js';
import { sealInfo, type SealedInfo } from '../../../src/chunk/sealedInfo.js';
import { SegmentCodec } from '../../../src/chunk/segment.js';
import { pieceHash, shardRoot } from '../../../src/chunk/shardRoot.js';
import { newShareId } from '../../../src/chunk/shareId.js';
import { signTombstone } from '../../../src/chunk/tombstone.js';
import { encodeTree } from '../../../src/chunk/tree.js';
import { concatBytes, fromHex, toHex } from '../../../src/common/bytes.js';
import { epochName } from '../../../src/peer/membership/epochKeys.js';
import type { OpenedShare } from '../../../src/peer/catalog/catalog.js';
import type { Actor } from './actor.js';
import { MemoryHolder } from './memoryHolder.js';

export interface FileOptions {
  readonly groupId: string;
  readonly author: Pick<Actor, 'id' | 'nodeId' | 'sign'>;
  readonly epochKey: Uint8Array;
  readonly size?: number;
  readonly k?: number;
  readonly m?: number;
  /** Chunks of a piece: small ones make many segments of little. */
  readonly q?: number;
  readonly name?: string;
  readonly lineage?: number;
  /** Share id of the version before. */
  readonly predecessor?: string;
  readonly createdAt?: number;
  /** Encoded, instead of that of the one file. */
  readonly tree?: (sha256: Uint8Array) => Uint8Array;
  /** Instead of the one that seals nothing contradictory. */
  readonly seal?: typeof sealInfo;
}

/** A share of one file as its author would make it, with all pieces. */
export class MadeFile {
  readonly content: Uint8Array;
  readonly geometry: Geometry;
  readonly shareId: string;
  readonly info: SealedInfo;
  /** By shard, then by segment. */
  readonly pieces: readonly (readonly Uint8Array[])[];
  readonly roots: readonly Uint8Array[];
  readonly manifest: Uint8Array;
  readonly #random: Uint8Array;

  constructor(private readonly options: FileOptions) {
    const { author, size = 5000, k = 2, m = 2, q = 2, name = 'file.bin' } = options;
    this.content = new Uint8Array(randomBytes(size));
    const sha256 = new Uint8Array(createHash('sha256').update(this.content).digest());
    const tree =
      options.tree?.(sha256) ??
      encodeTree({
        git: null,
        entries: [{ kind: 'file', path: name, size, mode: 0o644, mtimeMs: 1, sha256 }],
      });
    const stream = concatBytes(this.content, tree);
    this.geometry = geometryWith(stream.byteLength, k, m, q);
    const made = newShareId(fromHex(options.groupId), author.id);
    this.shareId = toHex(made.shareId);
    this.#random = made.random;
    const contentKey = new Uint8Array(randomBytes(32));
    this.pieces = encode(made.shareId, this.geometry, stream, contentKey);
    const { segments } = this.geometry;
    this.roots = this.pieces
      .slice(0, k === 1 ? 1 : k + m)
      .map((shard, index) =>
        shardRoot(
          { shareId: made.shareId, shard: index, segments },
          concatBytes(...shard.map((piece) => pieceHash(piece))),
        ),
      );
    this.info = {
      contentKey,
      size: stream.byteLength,
      treeOffset: size,
      treeLength: tree.byteLength,
      treeDigest: new Uint8Array(createHash('sha256').update(tree).digest()),
      name,
      kind: 'file',
      entries: 1,
      totalSize: size,
      sha256,
    };
    this.manifest = this.sign(this.info);
  }

  /** A manifest of this share; signed again, it differs from the first. */
  sign(info: SealedInfo, roots = this.roots): Uint8Array {
    const { author, epochKey, groupId, seal = sealInfo } = this.options;
    const unsigned: Omit<Manifest, 'sealed'> = {
      shareId: fromHex(this.shareId),
      groupId: fromHex(groupId),
      authorId: author.id,
      random: this.#random,
      geometry: this.geometry,
      roots,
      epoch: epochName(epochKey),
      salt: new Uint8Array(randomBytes(16)),
      createdAt: this.options.createdAt ?? 1_700_000_000_000,
      lineage: new Uint8Array(16).fill(this.options.lineage ?? 1),
      predecessor:
        this.options.predecessor === undefined ? null : fromHex(this.options.predecessor),
    };
    return signManifest({ ...unsigned, sealed: seal(info, unsigned, epochKey) }, author.sign);
  }

  receipt(holder: Actor, shard: number, root = this.rootOf(shard), at = 1): Uint8Array {
    return signReceipt(
      {
        groupId: fromHex(this.options.groupId),
        shareId: fromHex(this.shareId),
        shard,
        segments: this.geometry.segments,
        root,
        holderId: holder.id,
        at,
      },
      holder.sign,
    );
  }

  /** The end of this share, as its author says it, or as somebody else does. */
  tombstone(signer: Actor, at = 1): Uint8Array {
    const { author, groupId } = this.options;
    return signTombstone(
      {
        groupId: fromHex(groupId),
        shareId: fromHex(this.shareId),
        signerId: signer.id,
        random: signer === author ? this.#random : null,
        at,
      },
      signer.sign,
    );
  }

  rootOf(shard: number): Uint8Array {
    return this.roots[this.geometry.k === 1 ? 0 : shard] ?? new Uint8Array(32);
  }

  /** A holder that has the pieces of a shard already. */
  holder(actor: Actor, shard: number): MemoryHolder {
    const holder = new MemoryHolder(actor, this.options.groupId);
    holder.geometry = this.geometry;
    this.pieces[shard]?.forEach((piece, segment) => holder.pieces.set(segment, piece));
    return holder;
  }

  opened(): OpenedShare {
    const manifest = decodeManifest(this.manifest);
    return {
      manifest,
      info: this.info,
      row: {
        shareId: this.shareId,
        groupId: this.options.groupId,
        authorId: this.options.author.nodeId,
        lineage: toHex(manifest.lineage),
        createdAt: manifest.createdAt,
        manifest: this.manifest,
        k: this.geometry.k,
        m: this.geometry.m,
        chunksPerShard: chunksPerShard(this.geometry),
        name: this.info.name,
        kind: this.info.kind,
        size: this.info.totalSize,
        sha256: toHex(this.info.sha256),
        listed: true,
        superseded: false,
        verifiedAt: null,
        verifiedOk: null,
      },
    };
  }
}

function encode(
  shareId: Uint8Array,
  geometry: Geometry,
  stream: Uint8Array,
  key: Uint8Array,
): Uint8Array[][] {
  const kernel = Kernel.create(
    new WebAssembly.Module(new Uint8Array(readFileSync('dist/kernel.wasm'))),
  );
  const codec = new SegmentCodec(kernel, { shareId, geometry });
  const { k, m, segments } = geometry;
  const shards: Uint8Array[][] = Array.from({ length: k + m }, () => []);
  for (let segment = 0; segment < segments; segment++) {
    const start = segmentStart(geometry, segment);
    const plain = stream.subarray(start, start + segmentCapacity(geometry, segment));
    const encoded = codec.encode(segment, plain, key);
    shards.forEach((shard, index) => {
      const piece = encoded[k === 1 ? 0 : index];
      if (piece !== undefined) shard.push(piece);
    });
  }
  return shards;
}
