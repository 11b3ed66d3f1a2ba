import { randomBytes } from 'node:crypto';
import { fromHex } from '../../common/bytes.js';
import { signRecord, type RecordBody, type RosterRecord } from '../../protocol/records.js';
import { wrapEpochKey } from './epochKeys.js';
import type { Roster } from './roster.js';

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

/** Makes the records of a group that this peer signs, each in its place after the last one of the roster. */
export class RecordSigner {
  constructor(private readonly author: RecordAuthor) {}

  genesis(groupName: string, founder: string): RosterRecord {
    const { nodeId, spki, ecdhPublic } = this.author;
    return this.#sign({
      t: 'genesis',
      v: 1,
      signer: fromHex(nodeId),
      seq: 0,
      prev: null,
      name: groupName,
      nonce: randomBytes(16),
      founder,
      spki,
      ecdh: ecdhPublic,
    });
  }

  admit(roster: Roster, joiner: Joiner, role: 'member' | 'admin'): RosterRecord {
    return this.#sign({
      t: 'admit',
      v: 1,
      ...this.#place(roster),
      name: joiner.name,
      role,
      spki: joiner.spki,
      ecdh: joiner.ecdh,
    });
  }

  /** Wraps an epoch key for a member, whose public ECDH key is `to`. */
  grant(roster: Roster, key: Uint8Array, to: Uint8Array, member: string): RosterRecord {
    const place = this.#place(roster);
    return this.#sign({
      t: 'grant',
      v: 1,
      ...place,
      member: fromHex(member),
      ...wrapEpochKey(key, place.group, to),
    });
  }

  #place(roster: Roster): Pick<RecordBody, 'signer' | 'seq' | 'prev'> & { group: Uint8Array } {
    const { nodeId } = this.author;
    return {
      signer: fromHex(nodeId),
      ...roster.nextPlace(nodeId),
      group: fromHex(roster.groupId),
    };
  }

  #sign(body: RecordBody): RosterRecord {
    return signRecord(body, (data) => this.author.sign(data));
  }
}
