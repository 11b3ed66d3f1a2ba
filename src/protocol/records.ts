/**
 * Roster records: what admins sign about who belongs to a group. A record travels and is stored as
 * `CBOR [body, signature]`; its id is SHA-256(body); the signature is ECDSA P-256 over domain ‖ body.
 * See PROTOCOL.md, "Roster records". Pure.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { decode, encode } from 'cborg';
import * as z from 'zod';
import { toHex } from '../common/bytes.js';
import { PeerError } from '../common/errors.js';
import { bytesUpTo, bytesWhere, exactBytes } from '../common/schema.js';

const domain = Buffer.from('chunk-partitioner/1/roster-record\0');
/** Longest record on the wire, bytes. */
export const maxRecordBytes = 4096;

const spki = bytesWhere((length) => length >= 80 && length <= 120, 'not a P-256 key');
const label = z.string().min(1).max(64).refine(isPlainLabel, 'a name with control characters');

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
  role: z.enum(['member', 'admin']),
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
const bodySchema = z.discriminatedUnion('t', [genesisSchema, admitSchema, grantSchema]);

export type GenesisBody = z.infer<typeof genesisSchema>;
export type AdmitBody = z.infer<typeof admitSchema>;
export type GrantBody = z.infer<typeof grantSchema>;
export type RecordBody = z.infer<typeof bodySchema>;

export interface RosterRecord {
  /** SHA-256 of the body, hex. */
  readonly id: string;
  readonly body: RecordBody;
  /** Wire form. */
  readonly bytes: Uint8Array;
}

const strict = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowBigInt: false,
  allowNaN: false,
  allowInfinity: false,
  rejectDuplicateMapKeys: true,
} as const;

/** Signs a body. `sign` is ECDSA P-256 with SHA-256, ieee-p1363, by the signer named in it. */
export function signRecord(body: RecordBody, sign: (data: Uint8Array) => Uint8Array): RosterRecord {
  const encoded = encode(bodySchema.parse(body));
  const signature = sign(Buffer.concat([domain, encoded]));
  return { id: recordId(encoded), body, bytes: encode([encoded, signature]) };
}

/**
 * Reads a record. The signature is checked by {@link verifyRecord}, once the signer's key is known.
 *
 * @throws {PeerError} `protocol` when malformed, `limit` when too long.
 */
export function decodeRecord(wire: Uint8Array): RosterRecord {
  if (wire.byteLength > maxRecordBytes)
    throw new PeerError('limit', 'A roster record is too long.');
  const { body } = splitRecord(wire);
  const parsed = bodySchema.safeParse(decodeStrict(body));
  if (!parsed.success) {
    throw new PeerError('protocol', 'A roster record is malformed.', { cause: parsed.error });
  }
  return { id: recordId(body), body: parsed.data, bytes: wire };
}

/** Whether the record was signed by the holder of this key (SPKI, DER). */
export function verifyRecord(record: RosterRecord, signerSpki: Uint8Array): boolean {
  const { body, signature } = splitRecord(record.bytes);
  try {
    const key = createPublicKey({ key: Buffer.from(signerSpki), format: 'der', type: 'spki' });
    if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return false;
    return verify(
      'sha256',
      Buffer.concat([domain, body]),
      { key, dsaEncoding: 'ieee-p1363' },
      signature,
    );
  } catch {
    return false; // not a key: whoever claims it signed nothing
  }
}

/** Node id of a public key: SHA-256 of its SPKI, hex. */
export function nodeIdOfSpki(key: Uint8Array): string {
  return toHex(createHash('sha256').update(key).digest());
}

const envelope = z.tuple([bytesUpTo(maxRecordBytes), exactBytes(64)]);

function splitRecord(wire: Uint8Array): { body: Uint8Array; signature: Uint8Array } {
  const parsed = envelope.safeParse(decodeStrict(wire));
  if (!parsed.success) throw new PeerError('protocol', 'A roster record has no valid envelope.');
  return { body: parsed.data[0], signature: parsed.data[1] };
}

function decodeStrict(data: Uint8Array): unknown {
  try {
    return decode(data, strict);
  } catch (cause) {
    throw new PeerError('protocol', 'A roster record is not valid CBOR.', { cause });
  }
}

function recordId(body: Uint8Array): string {
  return toHex(createHash('sha256').update(body).digest());
}

/** No control, format or surrogate characters, no space at either end: safe to show in a list. */
function isPlainLabel(text: string): boolean {
  return !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(text) && text.trim() === text;
}
