import { toHex } from '../../common/bytes.js';
import {
  nodeIdOfSpki,
  roles,
  type AdmitBody,
  type GenesisBody,
  type RemoveBody,
  type Role,
  type RosterRecord,
} from '../../protocol/records.js';
import type { RecordPool } from './recordPool.js';

/** A record that admitted somebody, and as what. */
export interface Admission {
  readonly record: RosterRecord;
  readonly body: GenesisBody | AdmitBody;
  readonly role: Role;
}

/**
 * One walk through the records of a group. Admins are heard one after the other: the founder first, the others in the
 * order in which those heard before them named them. Whoever is heard earlier is senior, and no record of a junior
 * takes back what a senior said, except for removals that are imposed from the start; see {@link judge}.
 */
export class Hearing {
  /** Ids of the records that count. */
  readonly counting = new Set<string>();
  /** Of everybody the strongest admission, and of equal ones that of the most senior. */
  readonly admissions = new Map<string, Admission>();
  /** What removed whom, first. */
  readonly removals = new Map<string, RosterRecord>();
  /** By signer: the records at the first place that it used twice. */
  readonly misuse = new Map<string, readonly RosterRecord[]>();
  readonly lost = new Set<string>();
  /** Empty while the genesis is not there. */
  readonly founder: string;
  /** Ids of all who were heard, most senior first. */
  readonly admins: string[] = [];
  /** Removals of seniors that would count if they were imposed. */
  readonly upward: RosterRecord[] = [];
  /** By member: what its removals leave of its chain. */
  readonly #cuts = new Map<string, ReadonlySet<string>[]>();
  readonly #heard = new Set<string>();

  constructor(
    private readonly pool: RecordPool,
    private readonly imposed: readonly RosterRecord[],
  ) {
    const genesis = pool.get(pool.groupId);
    this.founder = genesis === undefined ? '' : toHex(genesis.body.signer);
    if (genesis?.body.t !== 'genesis') return;
    for (const { body } of imposed) if (body.t === 'remove') this.#cut(body);
    this.counting.add(genesis.id);
    this.admissions.set(this.founder, { record: genesis, body: genesis.body, role: 'admin' });
    this.admins.push(this.founder);
    // Grows while it is walked through.
    for (const admin of this.admins) {
      this.#heard.add(admin);
      for (const record of this.#voiceOf(admin)) this.#hear(record);
    }
  }

  /** What a signer says that counts: all but what follows a place that it used twice, or what its removals left. */
  #voiceOf(signer: string): readonly RosterRecord[] {
    const chain = this.pool.chain(signer);
    const cuts = this.#cuts.get(signer);
    let end = Infinity;
    const said: RosterRecord[] = [];
    for (const [seq, records] of chain) {
      if (cuts !== undefined) {
        said.push(...records.filter(({ id }) => cuts.every((left) => left.has(id))));
      } else if (records.length > 1) end = Math.min(end, seq);
      else said.push(...records);
    }
    if (end < Infinity) this.misuse.set(signer, chain.get(end) ?? []);
    return said.filter(({ body }) => body.seq < end).sort((a, b) => a.body.seq - b.body.seq);
  }

  #hear(record: RosterRecord): void {
    const { body } = record;
    if (body.t === 'remove' && !this.#remove(record, body)) return;
    this.counting.add(record.id);
    if (body.t === 'admit') this.#admit(record, body);
    else if (body.t === 'lost') this.lost.add(toHex(body.member));
  }

  #admit(record: RosterRecord, body: AdmitBody): void {
    const { role } = body;
    const nodeId = nodeIdOfSpki(body.spki);
    const known = this.admissions.get(nodeId);
    if (known !== undefined && roles.indexOf(known.role) >= roles.indexOf(role)) return;
    this.admissions.set(nodeId, { record, body, role });
    if (role === 'admin') this.admins.push(nodeId);
  }

  /** @returns whether it counts */
  #remove(record: RosterRecord, body: RemoveBody): boolean {
    const member = toHex(body.member);
    // The group begins with its founder, and nobody leaves by removing itself.
    if (member === this.founder || member === toHex(body.signer)) return false;
    if (!this.#heard.has(member)) this.#cut(body);
    else if (!this.imposed.some(({ id }) => id === record.id)) {
      this.upward.push(record);
      return false;
    }
    if (!this.removals.has(member)) this.removals.set(member, record);
    return true;
  }

  #cut({ member, last }: RemoveBody): void {
    const nodeId = toHex(member);
    const left = this.pool.ancestry(nodeId, last);
    this.#cuts.set(nodeId, [...(this.#cuts.get(nodeId) ?? []), left]);
  }
}
