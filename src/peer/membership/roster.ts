import { PeerError } from '../../common/errors.js';
import { toHex } from '../../common/bytes.js';
import {
  nodeIdOfSpki,
  verifyRecord,
  type AdmitBody,
  type GrantBody,
  type Role,
  type RosterRecord,
} from '../../protocol/records.js';

/** More records than any team makes; a flood beyond it is refused. */
const maxRecords = 20_000;

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

/**
 * The evaluated union of a group's records. The same set of records gives the same members whatever the
 * order of arrival: {@link Roster.add} keeps the record, and members follow by a fixed point from genesis.
 */
export class Roster {
  readonly #records = new Map<string, RosterRecord>();
  readonly #verified = new Set<string>();
  #members = new Map<string, Member>();
  #lost = new Set<string>();

  constructor(
    /** SHA-256 of the genesis record's body, hex. */
    readonly groupId: string,
    records: Iterable<RosterRecord> = [],
  ) {
    this.add(records);
  }

  get members(): ReadonlyMap<string, Member> {
    return this.#members;
  }

  /** Members that hold nothing any more, for good. */
  get lost(): ReadonlySet<string> {
    return this.#lost;
  }

  get name(): string {
    const genesis = this.#records.get(this.groupId)?.body;
    return genesis?.t === 'genesis' ? genesis.name : '';
  }

  /** Records that count: their signer is an admin of the evaluated roster and signed them. */
  get accepted(): readonly RosterRecord[] {
    return [...this.#records.values()].filter((record) => this.#verified.has(record.id));
  }

  /** A copy to which an untrusted chain can be added before it is believed. */
  clone(): Roster {
    const copy = new Roster(this.groupId);
    for (const [id, record] of this.#records) copy.#records.set(id, record);
    for (const id of this.#verified) copy.#verified.add(id); // signatures need no second look
    copy.#members = new Map(this.#members);
    copy.#lost = new Set(this.#lost);
    return copy;
  }

  /** Adds records of this group; answers those that are new and count. Others are forgotten. */
  add(records: Iterable<RosterRecord>): readonly RosterRecord[] {
    const fresh: RosterRecord[] = [];
    try {
      for (const record of records) if (this.#keep(record)) fresh.push(record);
    } catch (error) {
      for (const { id } of fresh) this.#records.delete(id); // a flood leaves nothing behind
      throw error;
    }
    if (fresh.length === 0) return [];
    this.#evaluate();
    for (const record of fresh) {
      if (!this.#verified.has(record.id)) this.#records.delete(record.id);
    }
    return fresh.filter((record) => this.#verified.has(record.id));
  }

  /** The records that prove a membership, from genesis on: one admission a link. Empty for strangers. */
  chainOf(nodeId: string): readonly RosterRecord[] {
    const chain: RosterRecord[] = [];
    let member = this.#members.get(nodeId);
    while (member !== undefined) {
      chain.unshift(member.admission);
      if (member.admission.body.t === 'genesis') return chain;
      member = this.#members.get(toHex(member.admission.body.signer));
    }
    return [];
  }

  /** Wrapped epoch keys for a member. */
  grantsFor(nodeId: string): readonly GrantBody[] {
    return this.accepted
      .map((record) => record.body)
      .filter((body): body is GrantBody => body.t === 'grant' && toHex(body.member) === nodeId);
  }

  /** All records that count; those that a newcomer needs at once come before the others. */
  recordsFor(nodeId: string): readonly RosterRecord[] {
    const { accepted } = this;
    const first = new Set(this.chainOf(nodeId));
    for (const record of accepted) {
      if (record.body.t === 'grant' && toHex(record.body.member) === nodeId) first.add(record);
    }
    return [...first, ...accepted.filter((record) => !first.has(record))];
  }

  /** Place of a signer's next record in its hash chain. */
  nextPlace(signer: string): { readonly seq: number; readonly prev: Uint8Array | null } {
    let last: RosterRecord | undefined;
    for (const record of this.accepted) {
      if (toHex(record.body.signer) !== signer) continue;
      if (last === undefined || record.body.seq > last.body.seq) last = record;
    }
    return last === undefined
      ? { seq: 0, prev: null }
      : { seq: last.body.seq + 1, prev: Buffer.from(last.id, 'hex') };
  }

  #keep(record: RosterRecord): boolean {
    if (this.#records.has(record.id)) return false;
    const { body } = record;
    const group = body.t === 'genesis' ? record.id : toHex(body.group);
    if (group !== this.groupId) return false;
    if (this.#records.size >= maxRecords) {
      throw new PeerError('limit', 'The group has more roster records than this version accepts.');
    }
    this.#records.set(record.id, record);
    return true;
  }

  #evaluate(): void {
    const members = new Map<string, Member>();
    const genesis = this.#records.get(this.groupId);
    if (genesis?.body.t !== 'genesis') {
      this.#members = members;
      return;
    }
    const founder = nodeIdOfSpki(genesis.body.spki);
    if (founder !== toHex(genesis.body.signer) || !this.#signedBy(genesis, genesis.body.spki)) {
      this.#members = members;
      return;
    }
    members.set(founder, {
      nodeId: founder,
      name: genesis.body.founder,
      role: 'admin',
      spki: genesis.body.spki,
      ecdh: genesis.body.ecdh,
      admission: genesis,
    });
    const waiting = [...this.#records.values()]
      .filter((record) => record.body.t !== 'genesis')
      .sort(inChainOrder);
    // A bad signature is looked at once as well: its signer's id is the hash of the one key it could be of.
    const forged = new Set<string>();
    for (let grew = true; grew;) {
      grew = false;
      for (const record of waiting) {
        const signer = members.get(toHex(record.body.signer));
        if (signer?.role !== 'admin' || forged.has(record.id)) continue;
        if (!this.#signedBy(record, signer.spki)) {
          forged.add(record.id);
          continue;
        }
        if (record.body.t === 'admit' && admit(members, record, record.body)) grew = true;
      }
    }
    this.#members = members;
    this.#lost = new Set(
      this.accepted.flatMap(({ body }) => (body.t === 'lost' ? [toHex(body.member)] : [])),
    );
  }

  /** A signature is checked once for each record: the key is bound to the signer's id by hash. */
  #signedBy(record: RosterRecord, spki: Uint8Array): boolean {
    if (this.#verified.has(record.id)) return true;
    if (!verifyRecord(record, spki)) return false;
    this.#verified.add(record.id);
    return true;
  }
}

/** Whether the record changes the members. Of several admissions the strongest role counts, then the lowest id. */
function admit(members: Map<string, Member>, record: RosterRecord, body: AdmitBody): boolean {
  const nodeId = nodeIdOfSpki(body.spki);
  const known = members.get(nodeId);
  if (known !== undefined) {
    if (known.admission.body.t === 'genesis') return false;
    const stronger = known.role === 'member' && body.role === 'admin';
    const lower = known.role === body.role && record.id < known.admission.id;
    // An admission by somebody whom this member admitted would make the chain a circle.
    if ((!stronger && !lower) || leadsThrough(members, toHex(body.signer), nodeId)) return false;
  }
  members.set(nodeId, {
    nodeId,
    name: body.name,
    role: body.role,
    spki: body.spki,
    ecdh: body.ecdh,
    admission: record,
  });
  return true;
}

function leadsThrough(members: ReadonlyMap<string, Member>, from: string, nodeId: string): boolean {
  for (let at = members.get(from); at !== undefined;) {
    if (at.nodeId === nodeId) return true;
    if (at.admission.body.t === 'genesis') return false;
    at = members.get(toHex(at.admission.body.signer));
  }
  return false;
}

function inChainOrder(a: RosterRecord, b: RosterRecord): number {
  return a.body.seq - b.body.seq || (a.id < b.id ? -1 : 1);
}
