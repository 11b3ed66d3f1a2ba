/**
 * Roster records: what admins sign about who belongs to a group. A record travels and is stored as
 * `CBOR [body, signature]`; its id is SHA-256(body); the signature is ECDSA P-256 over domain ‖ body.
 * See PROTOCOL.md, "Roster records". Pure.
 */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { decodeCbor, encodeCbor } from '../chunk/cbor.js';
import { isSignedBy, signBody, splitSigned, type SignFunction } from '../chunk/signed.js';
import { toHex } from '../common/bytes.js';
import { bytesWhere, exactBytes } from '../common/schema.js';

const domain = Buffer.from('chunk-partitioner/1/roster-record\0');
/** Longest record on the wire, bytes. */
export const maxRecordBytes = 4096;

const spki = bytesWhere((length) => length >= 80 && length <= 120, 'not a P-256 key');
const label = z.string().min(1).max(64).refine(isPlainLabel, 'a name with control characters');

/** What a member may do: `storage` holds shards and reads nothing; an `admin` also says who belongs to the group. */
export const roles = ['storage', 'member', 'admin'] as const;
export type Role = (typeof roles)[number];

/** What every record says: the group (absent in genesis, whose hash it is), signer, and its place in the signer's chain. */
const common = {
  v: z.literal(1),
  signer: exactBytes(32),
  seq: z.number().int().min(0).max(0xffff_ffff),
  prev: exactBytes(32).nullable(),
};

const genesisSchema = z.strictObject({
  t: z.literal('genesis'),
  ...common,
  name: label,
  nonce: exactBytes(16),
  founder: label,
  spki,
  ecdh: exactBytes(65),
});
const admitSchema = z.strictObject({
  t: z.literal('admit'),
  ...common,
  group: exactBytes(32),
  name: label,
  role: z.enum(roles),
  spki,
  ecdh: exactBytes(65),
});
/** An epoch key (named by its SHA-256), wrapped to one member's ECDH key. */
const grantSchema = z.strictObject({
  t: z.literal('grant'),
  ...common,
  group: exactBytes(32),
  epoch: exactBytes(32),
  member: exactBytes(32),
  ephemeral: exactBytes(65),
  wrapped: exactBytes(60),
});
/** Ends a membership for good. */
const removeSchema = z.strictObject({
  t: z.literal('remove'),
  ...common,
  group: exactBytes(32),
  member: exactBytes(32),
  /** Id of the last record of this member that the signer has accepted: of its chain, that much goes on counting. */
  last: exactBytes(32).nullable(),
});
/** What this member holds is lost for good, as with a dead disk; it stays a member. */
const lostSchema = z.strictObject({
  t: z.literal('lost'),
  ...common,
  group: exactBytes(32),
  member: exactBytes(32),
});
const bodySchema = z
  .discriminatedUnion('t', [genesisSchema, admitSchema, grantSchema, removeSchema, lostSchema])
  .refine(({ seq, prev }) => (seq === 0) === (prev === null), 'not a place in a chain');

export type GenesisBody = z.infer<typeof genesisSchema>;
export type AdmitBody = z.infer<typeof admitSchema>;
export type GrantBody = z.infer<typeof grantSchema>;
export type RemoveBody = z.infer<typeof removeSchema>;
export type RecordBody = z.infer<typeof bodySchema>;

export interface RosterRecord {
  /** SHA-256 of the body, hex. */
  readonly id: string;
  readonly body: RecordBody;
  /** Wire form. */
  readonly bytes: Uint8Array;
}

/** Signs a body, by the signer named in it. @throws {ZodError} for fields out of range */
export function signRecord(body: RecordBody, sign: SignFunction): RosterRecord {
  const encoded = encodeCbor(bodySchema.parse(body));
  return { id: recordId(encoded), body, bytes: signBody(domain, encoded, sign) };
}

/**
 * Reads a record. The signature is checked by {@link verifyRecord}, once the signer's key is known.
 *
 * @throws {PeerError} `protocol` when malformed, `limit` when too long.
 */
export function decodeRecord(wire: Uint8Array): RosterRecord {
  const { body } = splitSigned(wire, maxRecordBytes);
  return {
    id: recordId(body),
    body: decodeCbor(body, bodySchema, maxRecordBytes),
    bytes: wire,
  };
}

/** Whether the record was signed by the owner of this key (SPKI, DER), and names it as its signer. */
export function verifyRecord(record: RosterRecord, signerSpki: Uint8Array): boolean {
  return isSignedBy(record.bytes, domain, maxRecordBytes, signerSpki, record.body.signer);
}

/** Node id of a public key: SHA-256 of its SPKI, hex. */
export function nodeIdOfSpki(key: Uint8Array): string {
  return toHex(createHash('sha256').update(key).digest());
}

function recordId(body: Uint8Array): string {
  return toHex(createHash('sha256').update(body).digest());
}

/** No control, format or surrogate characters, no space at either end: safe to show in a list. */
function isPlainLabel(text: string): boolean {
  return !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(text) && text.trim() === text;
}
