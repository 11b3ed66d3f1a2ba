/** What a share is: signed by its author, small, and of one size whatever the share holds. */
import type { KeyObject } from 'node:crypto';
import * as z from 'zod';
import { PeerError } from '../common/errors.js';
import { exactBytes } from '../common/schema.js';
import { decodeCbor, encodeCbor } from './cbor.js';
import { shards, validateGeometry, type Geometry } from './geometry.js';
import { SEALED_INFO_SIZE } from './sealedInfo.js';
import { checkShareId } from './shareId.js';
import {
  isSignedBy,
  isSignedByKey,
  signBody,
  splitSigned,
  type SignerKey,
  type SignFunction,
} from './signed.js';

const domain = Buffer.from('chunk-partitioner/1/manifest\0');
/** Longest manifest, wire form, bytes. */
export const MAX_MANIFEST_BYTES = 64 * 1024;

/** What sealing binds the sealed part to. */
export interface OpenPart {
  /** 16 bytes: hash of group, author and random. */
  readonly shareId: Uint8Array;
  /** 32 bytes. */
  readonly groupId: Uint8Array;
  /** Node id of the author, 32 bytes. */
  readonly authorId: Uint8Array;
  /** 16 bytes. */
  readonly salt: Uint8Array;
  readonly geometry: Geometry;
}

export interface Manifest extends OpenPart {
  /** 16 bytes, from `newShareId`. */
  readonly random: Uint8Array;
  /** Shard roots, 32 bytes each, by shard; a single one when k is 1. */
  readonly roots: readonly Uint8Array[];
  /** Name of the epoch key that opens `sealed`: its SHA-256, 32 bytes. */
  readonly epoch: Uint8Array;
  /** Milliseconds since 1970 by the author's clock; informative. */
  readonly createdAt: number;
  /** The same for all versions of one file of one author, 16 bytes; tells nothing of the path. */
  readonly lineage: Uint8Array;
  /** Share id of the version before. */
  readonly predecessor: Uint8Array | null;
  /** See `sealInfo` and `openInfo`. */
  readonly sealed: Uint8Array;
}

const integer = z.int().min(0);

const bodySchema = z.strictObject({
  v: z.literal(1),
  share: exactBytes(16),
  group: exactBytes(32),
  author: exactBytes(32),
  random: exactBytes(16),
  /** k, m, q, segments, lastQ */
  geometry: z.tuple([integer, integer, integer, integer, integer]),
  roots: z.array(exactBytes(32)).min(1).max(255),
  epoch: exactBytes(32),
  salt: exactBytes(16),
  at: integer,
  lineage: exactBytes(16),
  prev: exactBytes(16).nullable(),
  sealed: exactBytes(SEALED_INFO_SIZE),
});

/** The body that is signed. @throws PeerError `protocol`, `limit` for fields out of range */
export function encodeManifest(manifest: Manifest): Uint8Array {
  const { k, m, q, segments, lastQ } = manifest.geometry;
  const body = encodeCbor({
    v: 1,
    share: manifest.shareId,
    group: manifest.groupId,
    author: manifest.authorId,
    random: manifest.random,
    geometry: [k, m, q, segments, lastQ],
    roots: manifest.roots,
    epoch: manifest.epoch,
    salt: manifest.salt,
    at: manifest.createdAt,
    lineage: manifest.lineage,
    prev: manifest.predecessor,
    sealed: manifest.sealed,
  });
  readBody(body);
  return body;
}

/** Wire form, signed by the author. */
export function signManifest(manifest: Manifest, sign: SignFunction): Uint8Array {
  return signBody(domain, encodeManifest(manifest), sign);
}

/**
 * Reads the wire form. All fields, and that the share id is the author's, are checked; the signature is not.
 *
 * @throws PeerError `limit`, `protocol`
 */
export function decodeManifest(bytes: Uint8Array): Manifest {
  return readBody(splitSigned(bytes, MAX_MANIFEST_BYTES).body);
}

/**
 * Whether the author that it names signed it. `publicKey`: a key, or its SPKI in DER.
 *
 * @throws PeerError `limit`, `protocol` when it is malformed
 */
export function verifyManifest(bytes: Uint8Array, publicKey: KeyObject | Uint8Array): boolean {
  const { authorId } = decodeManifest(bytes);
  return isSignedBy(bytes, domain, MAX_MANIFEST_BYTES, publicKey, authorId);
}

/** The same against a key that is at hand, off the thread that asks: see `isSignedByKey`. */
export function verifyManifestBy(
  bytes: Uint8Array,
  { authorId }: Manifest,
  signer: SignerKey,
): Promise<boolean> {
  return isSignedByKey(bytes, domain, MAX_MANIFEST_BYTES, signer, authorId);
}

function readBody(body: Uint8Array): Manifest {
  const read = decodeCbor(body, bodySchema, MAX_MANIFEST_BYTES);
  const [k, m, q, segments, lastQ] = read.geometry;
  const geometry = { k, m, q, segments, lastQ };
  validateGeometry(geometry);
  if (read.roots.length !== (k === 1 ? 1 : shards(geometry))) {
    throw new PeerError('protocol', 'A manifest has another number of roots than of shards.');
  }
  if (!checkShareId(read.share, read.group, read.author, read.random)) {
    throw new PeerError('protocol', 'A manifest names a share id that is not its author’s.');
  }
  return {
    shareId: read.share,
    groupId: read.group,
    authorId: read.author,
    random: read.random,
    geometry,
    roots: read.roots,
    epoch: read.epoch,
    salt: read.salt,
    createdAt: read.at,
    lineage: read.lineage,
    predecessor: read.prev,
    sealed: read.sealed,
  };
}
