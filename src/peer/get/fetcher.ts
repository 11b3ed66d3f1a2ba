import { pieceBytes, type Geometry } from '../../chunk/geometry.js';
import { PeerError } from '../../common/errors.js';
import type { Lease } from '../../common/memory.js';
import { getLimits } from '../limits.js';
import type { PieceWatch } from '../trace/pieceWatch.js';
import { cheapest, countShards, typicalMs, type Source } from './sources.js';

export interface FetcherOptions {
  readonly shareId: string;
  readonly geometry: Geometry;
  readonly sources: readonly Source[];
  /** How long a piece may take at least before it is asked for elsewhere as well, milliseconds: see `getLimits`. */
  readonly hedgeFloorMs?: number | undefined;
  /** Stops it. */
  readonly signal: AbortSignal;
  /** k pieces of a segment have come, to be released by the callee; `from` says by shard whose they are. */
  readonly onSegment: (
    segment: number,
    pieces: ReadonlyMap<number, Lease>,
    from: ReadonlyMap<number, Source>,
  ) => void;
  readonly watch?: Pick<PieceWatch, 'moves' | 'rests'> | undefined;
  /** Nothing more can be fetched. */
  readonly onFailure: (error: PeerError) => void;
}

interface Pending {
  readonly segment: number;
  readonly pieces: Map<number, Lease>;
  readonly from: Map<number, Source>;
  readonly requests: Map<Source, { readonly controller: AbortController; readonly since: number }>;
}

/** Fetches k pieces of each segment from whichever holders answer soonest. */
export class Fetcher {
  readonly #pending = new Map<number, Pending>();
  readonly #hedge: NodeJS.Timeout;
  #stopped = false;

  constructor(private readonly options: FetcherOptions) {
    this.#hedge = setInterval(() => {
      this.#askElsewhere();
      for (const pending of this.#pending.values()) this.#fill(pending); // those who rested
    }, getLimits.hedgeEveryMs);
    this.#hedge.unref();
    // Once for all requests: a signal combined for each piece costs more than asking for it.
    options.signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Starts to fetch a segment, or starts it again after its pieces were found wrong. */
  fetch(segment: number): void {
    if (this.#stopped) return;
    const pending: Pending = {
      segment,
      pieces: new Map(),
      from: new Map(),
      requests: new Map(),
    };
    this.#pending.set(segment, pending);
    this.#fill(pending);
  }

  /** Takes a source out for good: it is gone, or it lied. Its outstanding pieces are asked for elsewhere. */
  exclude(source: Source, reason: PeerError): void {
    source.fail(reason);
    this.#askOthers(source);
  }

  /** A source gave a wrong piece of `segment`: what it was asked for is asked for elsewhere, as far as others have it. */
  distrust(source: Source, segment: number): void {
    source.wasWrong(segment);
    this.#askOthers(source);
  }

  #askOthers(source: Source): void {
    for (const pending of this.#pending.values()) {
      pending.requests.get(source)?.controller.abort();
      pending.requests.delete(source); // now, not when it has settled: its place is free
      if (pending.pieces.size < this.options.geometry.k) this.#fill(pending);
    }
  }

  stop(): void {
    this.#stopped = true;
    this.options.signal.removeEventListener('abort', this.#onAbort);
    clearInterval(this.#hedge);
    for (const pending of this.#pending.values()) cancelAll(pending);
    this.#pending.clear();
  }

  readonly #onAbort = (): void => {
    this.stop();
  };

  /** Asks as many sources as are missing for k pieces. */
  #fill(pending: Pending): void {
    if (this.#stopped) return;
    const { k } = this.options.geometry;
    const wanted = k - pending.pieces.size - pending.requests.size;
    const free = cheapest(this.options.sources, pending.segment, (source) =>
      isUsed(pending, source),
    );
    for (const source of free.slice(0, Math.max(0, wanted))) void this.#ask(pending, source);
    if (pending.pieces.size + pending.requests.size < k) this.#giveUpIfHopeless(pending.segment);
  }

  async #ask(pending: Pending, source: Source): Promise<void> {
    const { shareId, geometry, signal, watch } = this.options;
    const { holder, shard } = source;
    const controller = new AbortController();
    const since = performance.now();
    pending.requests.set(source, { controller, since });
    source.outstanding += 1;
    watch?.moves(holder.nodeId, shard, pending.segment);
    try {
      const piece = await holder.piece(shareId, shard, pending.segment, controller.signal);
      if (piece.bytes.byteLength !== pieceBytes(geometry, pending.segment)) {
        throw new PeerError('integrity', 'A piece of the wrong length.');
      }
      source.answered(performance.now() - since, piece.bytes.byteLength);
      pending.requests.delete(source);
      this.#take(pending, source, piece);
    } catch (error) {
      pending.requests.delete(source);
      if (this.#stopped || signal.aborted || controller.signal.aborted) return;
      const reason = PeerError.from(error);
      if (reason.code === 'integrity') {
        source.lied();
        source.wasWrong(pending.segment);
      } else source.missed(reason);
      this.#fill(pending);
    } finally {
      source.outstanding -= 1;
      watch?.rests(holder.nodeId, shard, pending.segment);
    }
  }

  #take(pending: Pending, source: Source, piece: Lease): void {
    const { k } = this.options.geometry;
    if (this.#stopped || pending.pieces.size >= k) {
      piece.release();
      return;
    }
    pending.pieces.set(source.shard, piece);
    pending.from.set(source.shard, source);
    if (pending.pieces.size < k) return;
    for (const [late, { since }] of pending.requests) {
      const ms = performance.now() - since;
      if (ms > this.#patienceMs()) late.overtaken(ms);
    }
    cancelAll(pending);
    this.#pending.delete(pending.segment);
    this.options.onSegment(pending.segment, pending.pieces, pending.from);
  }

  #askElsewhere(): void {
    const now = performance.now();
    const patience = this.#patienceMs();
    const { hedgeFactor } = getLimits;
    for (const pending of this.#pending.values()) {
      const late = [...pending.requests].filter(
        ([source, { since }]) =>
          now - since > Math.max(patience, hedgeFactor * (source.meanMs ?? 0)),
      );
      const hedges = pending.requests.size + pending.pieces.size - this.options.geometry.k;
      const free = cheapest(this.options.sources, pending.segment, (source) =>
        isUsed(pending, source),
      );
      for (const source of free.slice(0, Math.max(0, late.length - hedges))) {
        void this.#ask(pending, source);
      }
    }
  }

  /** How long a piece may take before it is asked for elsewhere as well: what others take tells. */
  #patienceMs(): number {
    const { hedgeFactor, hedgeLeastMs, hedgeMostMs } = getLimits;
    const usual = hedgeFactor * (typicalMs(this.options.sources) ?? hedgeMostMs);
    return this.options.hedgeFloorMs ?? Math.min(hedgeMostMs, Math.max(hedgeLeastMs, usual));
  }

  /** Sources that rest may come back; those that failed do not. */
  #giveUpIfHopeless(segment: number): void {
    const { k } = this.options.geometry;
    const reachable = this.options.sources.filter(({ failed }) => failed === undefined);
    const left = countShards(reachable.filter((source) => source.mayHave(segment)));
    if (this.#stopped || left >= k) return;
    const damaged = countShards(reachable) - left;
    this.options.onFailure(
      new PeerError(
        'not-enough-shards',
        `The file needs ${k} of its shards, and ${left} can be reached` +
          (damaged > 0 ? `; ${damaged} more are damaged in the same place.` : '.'),
        {
          hint: 'Try again when more of its holders are online.',
          details: { needed: k, reachable: left, ...(damaged > 0 && { damaged }) },
        },
      ),
    );
  }
}

/** A shard is asked for once at a time for each segment, whoever holds it. */
function isUsed(pending: Pending, source: Source): boolean {
  return (
    pending.requests.has(source) ||
    pending.pieces.has(source.shard) ||
    [...pending.requests.keys()].some(({ shard }) => shard === source.shard)
  );
}

function cancelAll(pending: Pending): void {
  for (const { controller } of pending.requests.values()) controller.abort();
  pending.requests.clear();
}
