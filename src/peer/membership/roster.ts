import { toHex } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import type { GrantBody, Role, RosterRecord } from '../../protocol/records.js';
import { Epochs } from './epochs.js';
import type { Admission, Hearing } from './hearing.js';
import { judge } from './judge.js';
import { membershipLimits } from '../limits.js';
import { RecordPool, type Person } from './recordPool.js';

export interface Member {
  readonly nodeId: string;
  readonly name: string;
  readonly role: Role;
  /** Public signing key, SPKI DER. */
  readonly spki: Uint8Array;
  /** Public ECDH key, uncompressed point, 65 bytes. */
  readonly ecdh: Uint8Array;
  /** The record that admitted it. */
  readonly admission: RosterRecord;
}

/** Somebody who was a member, and why it is none any more. */
export interface Former extends Member {
  readonly how: 'removed' | 'suspended';
  /** The record that removed it; those that it signed for one place. */
  readonly because: readonly RosterRecord[];
}

/**
 * Who belongs to a group: what its records come to. The same set of records gives the same members whatever the
 * order in which they came; PROTOCOL.md has the rules, `judge` follows them.
 */
export class Roster {
  #pool: RecordPool;
  #heard: Hearing;
  #members: ReadonlyMap<string, Member> = new Map();
  #former: ReadonlyMap<string, Former> = new Map();
  #epochs: Epochs | undefined;

  constructor(
    /** SHA-256 of the genesis record's body, hex. */
    readonly groupId: string,
    records: Iterable<RosterRecord> = [],
  ) {
    this.#pool = new RecordPool(groupId);
    this.#heard = judge(this.#pool);
    this.add(records);
  }

  get members(): ReadonlyMap<string, Member> {
    return this.#members;
  }

  /** Those that were removed, and those that two records at one place suspended. */
  get former(): ReadonlyMap<string, Former> {
    return this.#former;
  }

  /** Nodes that hold nothing any more, for good. */
  get lost(): ReadonlySet<string> {
    return this.#heard.lost;
  }

  /** Node id of who made the group; empty while its genesis is not here. */
  get founder(): string {
    return this.#heard.founder;
  }

  /** Members that may have the group's keys. */
  get readers(): readonly Member[] {
    return [...this.#members.values()].filter(({ role }) => role !== 'storage');
  }

  /** Node ids of the admins, most senior first. */
  get admins(): readonly string[] {
    return this.#heard.admins.filter((nodeId) => this.#members.has(nodeId));
  }

  get name(): string {
    const genesis = this.#pool.get(this.groupId)?.body;
    return genesis?.t === 'genesis' ? genesis.name : '';
  }

  get epochs(): Epochs {
    this.#epochs ??= this.#sortEpochs();
    return this.#epochs;
  }

  has(id: string): boolean {
    return this.#pool.get(id) !== undefined;
  }

  /** All records that are kept, each after those that it rests on. Some do not count now, and may do so later. */
  get records(): readonly RosterRecord[] {
    return this.#pool.records();
  }

  /** Records that count. */
  get accepted(): readonly RosterRecord[] {
    return this.records.filter(({ id }) => this.#heard.counting.has(id));
  }

  /** Whether records refer to others that are not here: somebody has them. */
  get incomplete(): boolean {
    return this.#pool.incomplete;
  }

  /** Node ids of all whom records name, members or not. */
  get people(): readonly string[] {
    return this.#pool.people;
  }

  /** Anybody whom a record names, member or not. */
  person(nodeId: string): Person | undefined {
    return this.#pool.person(nodeId);
  }

  /** A copy to which an untrusted chain can be added before it is believed. */
  clone(): Roster {
    const copy = new Roster(this.groupId);
    copy.#pool = this.#pool.clone();
    copy.#heard = this.#heard;
    copy.#members = this.#members;
    copy.#former = this.#former;
    copy.#epochs = this.#epochs;
    return copy;
  }

  /** Adds records of this group; answers those that are kept from now on. */
  add(records: Iterable<RosterRecord>): readonly RosterRecord[] {
    const kept = this.#pool.add(records);
    if (kept.length === 0) return [];
    this.#heard = judge(this.#pool);
    this.#settle();
    return kept;
  }

  /** The records that prove a membership, from genesis on: one admission a link. Empty for strangers. */
  chainOf(nodeId: string): readonly RosterRecord[] {
    return this.#members.has(nodeId) ? this.#lineOf(nodeId) : [];
  }

  /**
   * The records that tell somebody why it is no member any more, and prove it to whoever knows the group: of who was
   * removed or suspended; of who was admitted by somebody whose word does not count any more, those about that one.
   */
  dismissalOf(nodeId: string, asked: ReadonlySet<string> = new Set()): readonly RosterRecord[] {
    if (this.#members.has(nodeId) || asked.has(nodeId)) return [];
    const because = this.#former.get(nodeId)?.because;
    if (because !== undefined) {
      const by = new Set(because.map(({ body }) => toHex(body.signer)));
      return [...[...by].flatMap((signer) => this.#lineOf(signer)), ...because];
    }
    for (const signer of this.#pool.admittersOf(nodeId)) {
      const records = this.dismissalOf(signer, new Set([...asked, nodeId]));
      if (records.length > 0) return records;
    }
    return [];
  }

  /** Wrapped epoch keys for a member, also by records that do not count: they open what was sealed meanwhile. */
  grantsFor(nodeId: string): readonly GrantBody[] {
    return this.#grants(() => true).filter(({ member }) => toHex(member) === nodeId);
  }

  /** All records; those that a newcomer needs at once come before the others. */
  recordsFor(nodeId: string): readonly RosterRecord[] {
    const first = new Set(this.chainOf(nodeId));
    for (const record of this.accepted) {
      const { body } = record;
      if (body.t !== 'grant') continue;
      const [signer, member] = [toHex(body.signer), toHex(body.member)];
      // Its own keys, and what tells which of them is current.
      if (member === nodeId || member === signer) first.add(record);
    }
    return [...first, ...this.records.filter((record) => !first.has(record))];
  }

  /** The last record of a member that came here: what is before it in its chain is what a removal leaves of it. */
  lastOf(nodeId: string): RosterRecord | undefined {
    const places = [...this.#pool.chain(nodeId)].sort(([a], [b]) => a - b);
    let last: RosterRecord | undefined;
    for (const [seq, [first]] of places) {
      // Whoever signs a place twice does so behind the back of those who knew it before: the first that came is meant.
      const { prev = null } = first?.body ?? {};
      if (last?.body.seq === seq - 1 && (prev === null || toHex(prev) !== last.id)) break;
      last = first;
    }
    return last;
  }

  /**
   * Place of a signer's next record in its chain.
   *
   * @throws PeerError `integrity` while records of it are missing, `limit` when its chain is full
   */
  nextPlace(signer: string): { readonly seq: number; readonly prev: Uint8Array | null } {
    const chain = this.#pool.chain(signer);
    const last = chain.get(chain.size - 1)?.[0];
    if (chain.size > 0 && last === undefined) {
      throw new PeerError('integrity', 'Records that this peer signed are missing here.', {
        hint: 'They come back from the other peers: connect to them, then try again.',
      });
    }
    if (chain.size >= membershipLimits.places) {
      throw new PeerError('limit', 'This admin has signed as many records as an admin may.', {
        hint: 'Let another admin do it.',
      });
    }
    return last === undefined
      ? { seq: 0, prev: null }
      : { seq: last.body.seq + 1, prev: Buffer.from(last.id, 'hex') };
  }

  #lineOf(nodeId: string): readonly RosterRecord[] {
    const line: RosterRecord[] = [];
    for (let at: string | undefined = nodeId; at !== undefined;) {
      const record: RosterRecord | undefined = this.#heard.admissions.get(at)?.record;
      if (record === undefined) break;
      line.unshift(record);
      at = record.body.t === 'genesis' ? undefined : toHex(record.body.signer);
    }
    return line;
  }

  #settle(): void {
    const { admissions, removals, misuse } = this.#heard;
    const members = new Map<string, Member>();
    const former = new Map<string, Former>();
    for (const [nodeId, admission] of admissions) {
      const member = memberOf(nodeId, admission);
      const removal = removals.get(nodeId);
      const proof = misuse.get(nodeId);
      if (removal !== undefined)
        former.set(nodeId, { ...member, how: 'removed', because: [removal] });
      else if (proof !== undefined)
        former.set(nodeId, { ...member, how: 'suspended', because: proof });
      else members.set(nodeId, member);
    }
    this.#members = members;
    this.#former = former;
    this.#epochs = undefined;
  }

  #sortEpochs(): Epochs {
    const { counting } = this.#heard;
    return new Epochs({
      grants: this.#grants(({ id }) => counting.has(id)),
      voidGrants: this.#grants(({ id }) => !counting.has(id)),
      readers: new Set(this.readers.map(({ nodeId }) => nodeId)),
    });
  }

  #grants(which: (record: RosterRecord) => boolean): readonly GrantBody[] {
    return this.records
      .filter(which)
      .map(({ body }) => body)
      .filter((body) => body.t === 'grant');
  }
}

function memberOf(nodeId: string, { record, body, role }: Admission): Member {
  const name = body.t === 'genesis' ? body.founder : body.name;
  return { nodeId, name, role, spki: body.spki, ecdh: body.ecdh, admission: record };
}
