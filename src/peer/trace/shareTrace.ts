import { chunksPerPiece, chunksPerShard, type Geometry } from '../../chunk/geometry.js';
import { traceLimits, verifyLimits } from '../limits.js';
import type { ShardCheck } from '../verify.js';
import type { PieceWatch } from './pieceWatch.js';
import { RunSet } from './runSet.js';

/** Sets of runs that each shard has. */
const setsPerShard = 5;

/** What this peer has come to know of one holder's shard. The sets are of numbers of chunks within it. */
export interface ShardTrace {
  readonly holderId: string;
  readonly shard: number;
  /** Acknowledged by the holder while it was sent, and not known better since. */
  readonly stored: RunSet;
  /** Opened here. Of these three a chunk is in one: what was found out last counts. */
  readonly proved: RunSet;
  /** Found whole by the holder, which gives its word. */
  readonly reported: RunSet;
  readonly damaged: RunSet;
  /** On its way, being read again, or being made anew. */
  readonly moving: RunSet;
  /** When something was proved last, or a report came; milliseconds since 1970, 0 for never. */
  provedAt: number;
  reportedAt: number;
  /** The holder says that it has none of it. */
  isMissing: boolean;
  /** What is wrong with all of it, in words. */
  problem: string | null;
}

/** What this peer has come to know of the shards of one share since it started. It is told to nobody, and kept nowhere. */
export class ShareTrace implements PieceWatch {
  readonly #shards = new Map<string, ShardTrace>();
  readonly #chunks: number;

  constructor(readonly geometry: Geometry) {
    this.#chunks = chunksPerShard(geometry);
  }

  get shards(): Iterable<ShardTrace> {
    return this.#shards.values();
  }

  find(holderId: string, shard: number): ShardTrace | undefined {
    return this.#shards.get(keyOf(holderId, shard));
  }

  moves(holderId: string, shard: number, segment: number): void {
    this.#of(holderId, shard).moving.add(...this.#range(segment));
  }

  rests(holderId: string, shard: number, segment: number): void {
    this.#of(holderId, shard).moving.delete(...this.#range(segment));
  }

  stored(holderId: string, shard: number, segment: number): void {
    const trace = this.#of(holderId, shard);
    trace.moving.delete(...this.#range(segment));
    trace.stored.add(...this.#range(segment));
  }

  proved(holderId: string, shard: number, segment: number): void {
    const trace = this.#of(holderId, shard);
    const [start, end] = this.#range(segment);
    trace.moving.delete(start, end);
    put(trace, 'proved', start, end);
    trace.provedAt = Date.now();
  }

  wrong(holderId: string, shard: number, segment: number): void {
    put(this.#of(holderId, shard), 'damaged', ...this.#range(segment));
  }

  /** A holder has come so far in reading its shard again. */
  checking(holderId: string, shard: number, chunks: number): void {
    const { moving } = this.#of(holderId, shard);
    moving.clear();
    moving.add(0, Math.min(chunks, this.#chunks));
  }

  /** What it has found. */
  checked({ holderId, shard, status, badChunks, problem }: ShardCheck): void {
    const trace = this.#of(holderId, shard);
    trace.moving.clear();
    if (status === 'unreachable') return;
    trace.reportedAt = Date.now();
    trace.isMissing = status === 'missing';
    trace.problem = status === 'ok' ? null : problem;
    const all = this.#chunks;
    if (status === 'ok') put(trace, 'reported', 0, all);
    if (status === 'lied') put(trace, 'damaged', 0, all);
    if (status !== 'damaged') return;
    const bad = badChunks.map((chunk) => chunk - shard * all).sort((a, b) => a - b);
    // Behind the last of a full list there may be more that it does not name.
    const known = bad.length < verifyLimits.badChunks ? all : (bad.at(-1) ?? 0) + 1;
    if (bad.length > 0) put(trace, 'reported', 0, known);
    for (const chunk of bad) put(trace, 'damaged', chunk, chunk + 1);
  }

  /** A shard is being made anew, or put right; `done` of `total`, in whatever unit. */
  making(holderId: string, shard: number, done: number, total: number): void {
    const { moving } = this.#of(holderId, shard);
    moving.clear();
    if (total > 0) moving.add(0, Math.floor(this.#chunks * Math.min(1, done / total)));
  }

  /** Nobody is at it any more, whether it came to its end or not. */
  made(holderId: string, shard: number): void {
    this.find(holderId, shard)?.moving.clear();
  }

  /** It was put right, or is known to be whole after all. */
  healed(holderId: string, shard: number): void {
    const trace = this.find(holderId, shard);
    if (trace === undefined) return;
    trace.damaged.clear();
    trace.isMissing = false;
    trace.problem = null;
  }

  /** Nothing is under way any more. */
  settle(): void {
    for (const { moving } of this.shards) moving.clear();
  }

  #of(holderId: string, shard: number): ShardTrace {
    const key = keyOf(holderId, shard);
    let trace = this.#shards.get(key);
    if (trace === undefined) {
      const { k, m } = this.geometry;
      const room = Math.ceil(traceLimits.runs / setsPerShard / (k + m));
      const newSet = (): RunSet => new RunSet(room);
      trace = {
        ...{ holderId, shard, provedAt: 0, reportedAt: 0, isMissing: false, problem: null },
        ...{ stored: newSet(), proved: newSet(), reported: newSet() },
        ...{ damaged: newSet(), moving: newSet() },
      };
      this.#shards.set(key, trace);
    }
    return trace;
  }

  /** The chunks of a piece. */
  #range(segment: number): readonly [start: number, end: number] {
    const start = segment * this.geometry.q;
    return [start, start + chunksPerPiece(this.geometry, segment)];
  }
}

const states = ['proved', 'reported', 'damaged'] as const;

/** What there is no room for stays what it was: nothing is claimed that is not known. */
function put(trace: ShardTrace, state: (typeof states)[number], start: number, end: number): void {
  if (!trace[state].add(start, end)) return;
  for (const other of states) if (other !== state) trace[other].delete(start, end);
}

function keyOf(holderId: string, shard: number): string {
  return `${holderId} ${String(shard)}`;
}
