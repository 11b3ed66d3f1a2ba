import { createECDH, createHash, generateKeyPairSync, sign } from 'node:crypto';
import { fromHex } from '../../../src/common/bytes.js';
import type { OwnIdentity } from '../../../src/peer/membership/membership.js';
import { wrapEpochKey } from '../../../src/peer/membership/epochKeys.js';
import { signRecord, type Role, type RosterRecord } from '../../../src/protocol/records.js';

interface Place {
  readonly seq: number;
  readonly prev: Uint8Array | null;
}

/** Somebody with keys, who signs whatever a test wants, in a chain of its own. */
export class Actor implements OwnIdentity {
  readonly spki: Uint8Array;
  readonly nodeId: string;
  readonly ecdhPublic: Uint8Array;
  readonly #key;
  readonly #ecdh = createECDH('prime256v1');
  #last: RosterRecord | undefined;
  readonly #signed: RosterRecord[] = [];

  constructor(readonly name: string) {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#key = privateKey;
    this.spki = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }));
    this.nodeId = createHash('sha256').update(this.spki).digest('hex');
    this.#ecdh.generateKeys();
    this.ecdhPublic = new Uint8Array(this.#ecdh.getPublicKey());
  }

  get id(): Uint8Array {
    return fromHex(this.nodeId);
  }

  readonly sign = (data: Uint8Array): Uint8Array =>
    new Uint8Array(sign('sha256', data, { key: this.#key, dsaEncoding: 'ieee-p1363' }));

  readonly agree = (peer: Uint8Array): Uint8Array => new Uint8Array(this.#ecdh.computeSecret(peer));

  genesis(groupName = 'team'): RosterRecord {
    return this.#keep(
      signRecord(
        {
          t: 'genesis',
          v: 1,
          signer: this.id,
          seq: 0,
          prev: null,
          name: groupName,
          nonce: new Uint8Array(16).fill(9),
          founder: this.name,
          spki: this.spki,
          ecdh: this.ecdhPublic,
        },
        this.sign,
      ),
    );
  }

  /** `as` claims to be another signer. */
  admit(groupId: string, who: Actor, role: Role, as: Actor = this): RosterRecord {
    return this.#keep(
      signRecord(
        {
          t: 'admit',
          v: 1,
          signer: as.id,
          ...this.#place(),
          group: fromHex(groupId),
          name: who.name,
          role,
          spki: who.spki,
          ecdh: who.ecdhPublic,
        },
        this.sign,
      ),
    );
  }

  grant(groupId: string, who: Actor, key: Uint8Array): RosterRecord {
    const group = fromHex(groupId);
    return this.#keep(
      signRecord(
        {
          t: 'grant',
          v: 1,
          signer: this.id,
          ...this.#place(),
          group,
          member: who.id,
          ...wrapEpochKey(key, group, who.ecdhPublic),
        },
        this.sign,
      ),
    );
  }

  /** `last`: id of the last record of the removed one that counts. */
  remove(groupId: string, who: Actor, last: string | null): RosterRecord {
    return this.#keep(
      signRecord(
        {
          t: 'remove',
          v: 1,
          signer: this.id,
          ...this.#place(),
          group: fromHex(groupId),
          member: who.id,
          last: last === null ? null : fromHex(last),
        },
        this.sign,
      ),
    );
  }

  lost(groupId: string, who: Actor): RosterRecord {
    return this.#keep(
      signRecord(
        {
          t: 'lost',
          v: 1,
          signer: this.id,
          ...this.#place(),
          group: fromHex(groupId),
          member: who.id,
        },
        this.sign,
      ),
    );
  }

  /** Everything it has signed so far, whatever it claimed to be. */
  get signed(): readonly RosterRecord[] {
    return this.#signed;
  }

  /** Goes on behind this record next, as if it had signed nothing after it. */
  rewind(to: RosterRecord | undefined): void {
    this.#last = to;
  }

  #place(): Place {
    const last = this.#last;
    if (last === undefined) return { seq: 0, prev: null };
    return { seq: last.body.seq + 1, prev: fromHex(last.id) };
  }

  #keep(record: RosterRecord): RosterRecord {
    this.#last = record;
    this.#signed.push(record);
    return record;
  }
}
