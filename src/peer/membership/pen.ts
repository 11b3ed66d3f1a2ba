import { randomBytes } from 'node:crypto';
import { fromHex } from '../../common/bytes.js';
import {
  signRecord,
  type Role,
  type RecordBody,
  type RosterRecord,
} from '../../protocol/records.js';
import { wrapEpochKey } from './epochKeys.js';

/** Whoever can sign, with the keys that its own records name. */
export interface RecordAuthor {
  readonly nodeId: string;
  readonly spki: Uint8Array;
  /** Public ECDH key, uncompressed point, 65 bytes. */
  readonly ecdhPublic: Uint8Array;
  /** ECDSA P-256 with SHA-256, 64 bytes. */
  sign(data: Uint8Array): Uint8Array;
}

export interface Joiner {
  readonly spki: Uint8Array;
  readonly ecdh: Uint8Array;
  readonly name: string;
}

/** A place in the chain of one signer. */
export interface Place {
  readonly seq: number;
  readonly prev: Uint8Array | null;
}

/** Writes records of one signer, each in its place after the one before. */
export class Pen {
  readonly #written: RosterRecord[] = [];

  constructor(
    private readonly author: RecordAuthor,
    private readonly groupId: string,
    private readonly start: Place,
  ) {}

  get written(): readonly RosterRecord[] {
    return this.#written;
  }

  /** Begins a group; a pen for it goes on behind the record. */
  static genesis(author: RecordAuthor, groupName: string, founder: string): RosterRecord {
    const { nodeId, spki, ecdhPublic } = author;
    const common = { v: 1, signer: fromHex(nodeId), seq: 0, prev: null } as const;
    const nonce = randomBytes(16);
    return signRecord(
      { t: 'genesis', ...common, name: groupName, nonce, founder, spki, ecdh: ecdhPublic },
      (data) => author.sign(data),
    );
  }

  admit({ name, spki, ecdh }: Joiner, role: Role): void {
    this.#write({ t: 'admit', ...this.#place(), name, role, spki, ecdh });
  }

  /** Wraps an epoch key for a member, whose public ECDH key is `ecdh`. @throws PeerError `protocol` for a bad one */
  grant(key: Uint8Array, to: { readonly nodeId: string; readonly ecdh: Uint8Array }): void {
    const place = this.#place();
    const wrapped = wrapEpochKey(key, place.group, to.ecdh);
    this.#write({ t: 'grant', ...place, member: fromHex(to.nodeId), ...wrapped });
  }

  /** @param last id of the member's last record that the signer accepted */
  remove(nodeId: string, last: string | null): void {
    const member = fromHex(nodeId);
    this.#write({
      t: 'remove',
      ...this.#place(),
      member,
      last: last === null ? null : fromHex(last),
    });
  }

  lost(nodeId: string): void {
    this.#write({ t: 'lost', ...this.#place(), member: fromHex(nodeId) });
  }

  #place() {
    const last = this.#written.at(-1);
    const { seq, prev } =
      last === undefined ? this.start : { seq: last.body.seq + 1, prev: fromHex(last.id) };
    const signer = fromHex(this.author.nodeId);
    return { v: 1, signer, seq, prev, group: fromHex(this.groupId) } as const;
  }

  #write(body: RecordBody): void {
    this.#written.push(signRecord(body, (data) => this.author.sign(data)));
  }
}
