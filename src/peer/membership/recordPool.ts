import { createHash } from 'node:crypto';
import { toHex } from '../../common/bytes.js';
import { nodeIdOfSpki, verifyRecord, type RosterRecord } from '../../protocol/records.js';
import { membershipLimits } from '../limits.js';

/** Whom a record names: any node is known by its key, whether or not it is a member. */
export interface Person {
  readonly name: string;
  /** Public signing key, SPKI DER. */
  readonly spki: Uint8Array;
}

type Fate = 'kept' | 'waits' | 'dropped';

/**
 * The records of a group that are kept: those of everybody who was ever named as an admin by such a record, whether
 * they count now or not, because what comes later may change that. Each signature is verified once, and floods are
 * bounded signer by signer.
 */
export class RecordPool {
  readonly #byId = new Map<string, RosterRecord>();
  /** By signer, then by place. */
  readonly #chains = new Map<string, Map<number, RosterRecord[]>>();
  readonly #people = new Map<string, Person>();
  /** Keys of those who may sign. */
  readonly #signers = new Map<string, Uint8Array>();
  /** Of each signer the admin of the founder's that brought it in. */
  readonly #lines = new Map<string, string>();
  readonly #lineSizes = new Map<string, number>();
  readonly #signerSizes = new Map<string, number>();
  /** Ids in the ancestry of what removals name: they are kept at a full place, too. */
  readonly #wanted = new Set<string>();
  /** Ids that kept records refer to. */
  readonly #missing = new Set<string>();
  /** By SHA-256 of the wire form: nothing of these was verified. */
  #waiting = new Map<string, RosterRecord>();

  constructor(readonly groupId: string) {}

  get(id: string): RosterRecord | undefined {
    return this.#byId.get(id);
  }

  /** In the order in which they were kept: each after the one that named its signer. */
  records(): readonly RosterRecord[] {
    return [...this.#byId.values()];
  }

  /** Records of one signer by place; more than one at a place are proof of misuse. */
  chain(signer: string): ReadonlyMap<number, readonly RosterRecord[]> {
    return this.#chains.get(signer) ?? new Map<number, RosterRecord[]>();
  }

  /** Node ids of all whom records name. */
  get people(): readonly string[] {
    return [...this.#people.keys()];
  }

  person(nodeId: string): Person | undefined {
    return this.#people.get(nodeId);
  }

  /** Who signed admissions of a node, whether they count or not. */
  admittersOf(nodeId: string): readonly string[] {
    return this.records()
      .filter(({ body }) => body.t === 'admit' && nodeIdOfSpki(body.spki) === nodeId)
      .map(({ body }) => toHex(body.signer));
  }

  /** Whether kept records refer to others that are not here: somebody has them. */
  get incomplete(): boolean {
    return this.#missing.size > 0;
  }

  /** Ids of a record of this signer and of all before it, as far as they are here. */
  ancestry(signer: string, last: Uint8Array | null): ReadonlySet<string> {
    const ids = new Set<string>();
    for (let at = last; at !== null;) {
      const record = this.#byId.get(toHex(at));
      if (record === undefined || toHex(record.body.signer) !== signer) break;
      ids.add(record.id);
      at = record.body.prev;
    }
    return ids;
  }

  clone(): RecordPool {
    const copy = new RecordPool(this.groupId);
    for (const [id, record] of this.#byId) copy.#byId.set(id, record);
    for (const [signer, places] of this.#chains) {
      const own = new Map<number, RosterRecord[]>();
      for (const [seq, records] of places) own.set(seq, [...records]);
      copy.#chains.set(signer, own);
    }
    for (const [nodeId, person] of this.#people) copy.#people.set(nodeId, person);
    for (const [signer, key] of this.#signers) copy.#signers.set(signer, key);
    for (const [signer, line] of this.#lines) copy.#lines.set(signer, line);
    for (const [line, size] of this.#lineSizes) copy.#lineSizes.set(line, size);
    for (const [signer, size] of this.#signerSizes) copy.#signerSizes.set(signer, size);
    for (const id of this.#wanted) copy.#wanted.add(id);
    for (const id of this.#missing) copy.#missing.add(id);
    copy.#waiting = new Map(this.#waiting);
    return copy;
  }

  /** Answers those that are kept from now on, each after what it rests on. */
  add(records: Iterable<RosterRecord>): readonly RosterRecord[] {
    const kept: RosterRecord[] = [];
    let open = new Map(this.#waiting);
    for (const record of records) open.set(wireHash(record), record);
    for (let grew = true; grew && open.size > 0;) {
      grew = false;
      const rest = new Map<string, RosterRecord>();
      for (const [hash, record] of open) {
        const fate = this.#take(record);
        if (fate === 'waits') rest.set(hash, record);
        if (fate !== 'kept') continue;
        kept.push(record);
        grew = true;
      }
      open = rest;
    }
    this.#waiting = new Map([...open].slice(-membershipLimits.waiting));
    return kept;
  }

  #take(record: RosterRecord): Fate {
    const { id, body } = record;
    if (this.#byId.has(id) || body.seq >= membershipLimits.places) return 'dropped';
    if (body.t === 'genesis') return this.#takeGenesis(record);
    if (toHex(body.group) !== this.groupId) return 'dropped';
    const signer = toHex(body.signer);
    const key = this.#signers.get(signer);
    if (key === undefined || !this.#hasRoom(record, signer)) return 'waits';
    if (!verifyRecord(record, key)) return 'dropped';
    this.#keep(record, signer);
    return 'kept';
  }

  #takeGenesis(record: RosterRecord): Fate {
    const { id, body } = record;
    if (body.t !== 'genesis' || id !== this.groupId) return 'dropped';
    const founder = toHex(body.signer);
    if (nodeIdOfSpki(body.spki) !== founder || !verifyRecord(record, body.spki)) return 'dropped';
    this.#keep(record, founder);
    return 'kept';
  }

  #hasRoom({ id, body }: RosterRecord, signer: string): boolean {
    if ((this.#signerSizes.get(signer) ?? 0) >= membershipLimits.ofSigner) return false;
    const line = this.#lines.get(signer);
    // The one who brought in all others of its line has room of its own.
    if (
      line !== undefined &&
      line !== signer &&
      (this.#lineSizes.get(line) ?? 0) >= membershipLimits.ofLine
    ) {
      return false;
    }
    const there = this.#chains.get(signer)?.get(body.seq)?.length ?? 0;
    return there < membershipLimits.atPlace || this.#wanted.has(id);
  }

  #keep(record: RosterRecord, signer: string): void {
    const { id, body } = record;
    this.#byId.set(id, record);
    const places = this.#chains.get(signer) ?? new Map<number, RosterRecord[]>();
    places.set(body.seq, [...(places.get(body.seq) ?? []), record]);
    this.#chains.set(signer, places);
    this.#signerSizes.set(signer, (this.#signerSizes.get(signer) ?? 0) + 1);
    const line = this.#lines.get(signer);
    if (line !== undefined && line !== signer) {
      this.#lineSizes.set(line, (this.#lineSizes.get(line) ?? 0) + 1);
    }
    this.#missing.delete(id);
    this.#refer(body.prev);
    if (this.#wanted.has(id)) this.#want(body.prev);
    if (body.t === 'genesis') this.#name(signer, { name: body.founder, spki: body.spki }, null);
    else if (body.t === 'admit') {
      const { name, spki } = body;
      const nodeId = nodeIdOfSpki(spki);
      if (!this.#people.has(nodeId)) this.#people.set(nodeId, { name, spki });
      if (body.role === 'admin') this.#name(nodeId, { name, spki }, signer);
    } else if (body.t === 'remove') {
      this.#refer(body.last);
      this.#want(body.last);
    }
  }

  #name(nodeId: string, person: Person, by: string | null): void {
    if (!this.#people.has(nodeId)) this.#people.set(nodeId, person);
    if (this.#signers.has(nodeId)) return;
    this.#signers.set(nodeId, person.spki);
    // The founder belongs to no line, and those it named begin one.
    if (by !== null) this.#lines.set(nodeId, this.#lines.get(by) ?? nodeId);
  }

  #refer(id: Uint8Array | null): void {
    if (id !== null && !this.#byId.has(toHex(id))) this.#missing.add(toHex(id));
  }

  #want(last: Uint8Array | null): void {
    for (let at = last; at !== null;) {
      const id = toHex(at);
      if (this.#wanted.has(id)) return;
      this.#wanted.add(id);
      at = this.#byId.get(id)?.body.prev ?? null;
    }
  }
}

function wireHash({ bytes }: RosterRecord): string {
  return toHex(createHash('sha256').update(bytes).digest());
}
