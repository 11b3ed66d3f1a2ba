import assert from 'node:assert/strict';
import { toHex } from '../../../src/common/bytes.js';
import {
  nodeIdOfSpki,
  roles,
  type Role,
  type RosterRecord,
} from '../../../src/protocol/records.js';

/** What a set of records comes to. */
export interface Outcome {
  readonly counting: ReadonlySet<string>;
  readonly members: ReadonlyMap<string, Role>;
  readonly removed: ReadonlySet<string>;
  readonly suspended: ReadonlySet<string>;
  readonly lost: ReadonlySet<string>;
}

type Rank = readonly number[];

/**
 * The rules of PROTOCOL.md as they are written there, for tests: by going round until nothing changes, with the rank
 * of everybody as the places on the way from genesis. All records are validly signed.
 */
export function reference(groupId: string, records: readonly RosterRecord[]): Outcome {
  const all = new Map(records.map((record) => [record.id, record]));
  let imposed: string[] = [];
  const tried = new Map<string, number>();
  const rejected = new Set<string>();
  for (;;) {
    const round = new Round(groupId, all, new Set(imposed));
    const next = round
      .upward()
      .find(({ id, body }) => !rejected.has(id) && (tried.get(toHex(body.signer)) ?? 0) < 8);
    if (next === undefined) return round.outcome();
    const signer = toHex(next.body.signer);
    tried.set(signer, (tried.get(signer) ?? 0) + 1);
    const trial = [...imposed, next.id];
    const { counting } = new Round(groupId, all, new Set(trial));
    if (trial.every((id) => counting.has(id))) imposed = trial;
    else rejected.add(next.id);
  }
}

class Round {
  counting: ReadonlySet<string>;
  readonly #founder: string;
  #ranks = new Map<string, Rank>();

  constructor(
    groupId: string,
    private readonly all: ReadonlyMap<string, RosterRecord>,
    private readonly imposed: ReadonlySet<string>,
  ) {
    const genesis = all.get(groupId);
    assert.ok(genesis);
    this.#founder = toHex(genesis.body.signer);
    this.counting = new Set([groupId]);
    for (let turns = 0; ; turns++) {
      assert.ok(turns < 1000, 'the rules settle');
      this.#ranks = this.#rank();
      const next = new Set([groupId]);
      for (const record of all.values()) if (this.#counts(record)) next.add(record.id);
      const settled =
        next.size === this.counting.size && [...next].every((id) => this.counting.has(id));
      this.counting = next;
      if (settled) break;
    }
  }

  /** Removals of seniors that only have to be imposed. */
  upward(): RosterRecord[] {
    return [...this.all.values()]
      .filter((record) => this.#isUpward(record) && this.#isHeard(record))
      .filter(({ id }) => !this.imposed.has(id))
      .sort(
        (a, b) =>
          compare(this.#rankOf(a.body.signer) ?? [], this.#rankOf(b.body.signer) ?? []) ||
          a.body.seq - b.body.seq,
      );
  }

  outcome(): Outcome {
    const members = new Map<string, Role>([[this.#founder, 'admin']]);
    const removed = new Set<string>();
    const lost = new Set<string>();
    for (const { body } of this.#counted()) {
      if (body.t === 'lost') lost.add(toHex(body.member));
      if (body.t === 'remove') removed.add(toHex(body.member));
      if (body.t !== 'admit') continue;
      const nodeId = nodeIdOfSpki(body.spki);
      const known = members.get(nodeId);
      if (known === undefined || roles.indexOf(body.role) > roles.indexOf(known)) {
        members.set(nodeId, body.role);
      }
    }
    const suspended = new Set(
      [...this.#ranks.keys()].filter(
        (nodeId) => this.#cuts(nodeId).length === 0 && this.#firstDouble(nodeId) < Infinity,
      ),
    );
    for (const nodeId of [...removed, ...suspended]) members.delete(nodeId);
    return { counting: this.counting, members, removed, suspended, lost };
  }

  #counted(): RosterRecord[] {
    return [...this.all.values()].filter(({ id }) => this.counting.has(id));
  }

  #counts(record: RosterRecord): boolean {
    if (record.body.t === 'genesis') return true;
    if (!this.#isHeard(record)) return false;
    if (record.body.t !== 'remove') return true;
    const member = toHex(record.body.member);
    if (member === this.#founder || member === toHex(record.body.signer)) return false;
    return !this.#isUpward(record) || this.imposed.has(record.id);
  }

  /** Whether its signer is an admin, and this is among what it says. */
  #isHeard({ id, body }: RosterRecord): boolean {
    const signer = toHex(body.signer);
    if (!this.#ranks.has(signer)) return false;
    const cuts = this.#cuts(signer);
    if (cuts.length > 0) return cuts.every((left) => left.has(id));
    return body.seq < this.#firstDouble(signer);
  }

  #isUpward({ body }: RosterRecord): boolean {
    if (body.t !== 'remove' || toHex(body.member) === this.#founder) return false;
    const [own, other] = [this.#rankOf(body.signer), this.#rankOf(body.member)];
    return own !== undefined && other !== undefined && compare(other, own) < 0;
  }

  #rankOf(nodeId: Uint8Array): Rank | undefined {
    return this.#ranks.get(toHex(nodeId));
  }

  /** What each removal of this member leaves. */
  #cuts(nodeId: string): ReadonlySet<string>[] {
    return [...this.all.values()].flatMap(({ id, body }) => {
      if (body.t !== 'remove' || toHex(body.member) !== nodeId) return [];
      if (!this.imposed.has(id) && !this.counting.has(id)) return [];
      const left = new Set<string>();
      let at = body.last === null ? undefined : this.all.get(toHex(body.last));
      while (at !== undefined && toHex(at.body.signer) === nodeId) {
        left.add(at.id);
        at = at.body.prev === null ? undefined : this.all.get(toHex(at.body.prev));
      }
      return [left];
    });
  }

  #firstDouble(nodeId: string): number {
    const places = [...this.all.values()]
      .filter(({ body }) => toHex(body.signer) === nodeId)
      .map(({ body }) => body.seq);
    return Math.min(...places.filter((seq, at) => places.indexOf(seq) !== at));
  }

  #rank(): Map<string, Rank> {
    const ranks = new Map<string, Rank>([[this.#founder, []]]);
    for (let grew = true; grew;) {
      grew = false;
      for (const { body } of this.#counted()) {
        if (body.t !== 'admit' || body.role !== 'admin') continue;
        const from = ranks.get(toHex(body.signer));
        const nodeId = nodeIdOfSpki(body.spki);
        if (from === undefined || nodeId === this.#founder) continue;
        const rank = [...from, body.seq];
        const known = ranks.get(nodeId);
        if (known !== undefined && compare(known, rank) <= 0) continue;
        ranks.set(nodeId, rank);
        grew = true;
      }
    }
    return ranks;
  }
}

/** Shorter ways first, then the lower place at the first fork of the two. */
function compare(a: Rank, b: Rank): number {
  if (a.length !== b.length) return a.length - b.length;
  const at = a.findIndex((seq, index) => seq !== b[index]);
  return at === -1 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}
