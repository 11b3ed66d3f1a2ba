import type { ErrorCode, PeerError } from '../../common/errors.js';
import type { Location, SignedShare } from '../catalog/catalog.js';
import type { Holder } from '../holder.js';
import { getLimits } from '../limits.js';
import type { Blame } from './blame.js';

/** Weight of the newest answer in the running mean. */
const smoothing = 0.2;
/** A decoded segment costs a little more than one of data pieces alone. */
const parityCost = 1.15;

/** One holder of one shard, and how it has been doing. */
export class Source {
  outstanding = 0;
  /** Running mean of milliseconds per piece; null before the first answer. */
  meanMs: number | null = null;
  bytes = 0;
  /** Why it is not asked any more. */
  failed: PeerError | undefined;
  /** Whether some of its shard is known to be wrong, wherever. */
  isDamaged = false;
  /** Not asked before then; by `performance.now()`. */
  restsUntil = 0;
  #strikes = 0;
  #lied = false;
  /** Segments of which it gave a wrong piece. Its others may be right: a disk rots in places. */
  readonly #wrong = new Set<number>();
  /** For how long it was waited for in vain, lately. */
  #lateMs = 0;

  constructor(
    readonly holder: Holder,
    readonly shard: number,
    /** Data shards need no decoding. */
    private readonly parity: boolean,
    private readonly record: TrackRecord = unknownRecord,
  ) {}

  /** Whether more than one piece may be wrong: it is asked after the others. */
  get isDoubted(): boolean {
    return this.isDamaged || this.#wrong.size > 0;
  }

  /** Whether it is not asked for its piece of `segment`, because of what it gave in the past. */
  isShunned(segment: number): boolean {
    return this.record.isShunned(segment);
  }

  /** Whether its piece of `segment` may be right. */
  mayHave(segment: number): boolean {
    return this.failed === undefined && !this.#wrong.has(segment);
  }

  /** Expected wait for one more piece, in comparable units: lower is better. */
  cost(typicalMs: number): number {
    const pieceMs = Math.max(this.meanMs ?? typicalMs, this.#lateMs);
    return (this.outstanding + 1) * pieceMs * (this.parity ? parityCost : 1);
  }

  answered(ms: number, bytes: number): void {
    this.bytes += bytes;
    this.#strikes = 0;
    this.#lateMs /= 2;
    this.meanMs = this.meanMs === null ? ms : this.meanMs + smoothing * (ms - this.meanMs);
  }

  /** Others were asked as well after so long, and answered first: it is asked when there is nobody better. */
  overtaken(ms: number): void {
    this.#lateMs = Math.max(ms, 2 * this.#lateMs);
  }

  /** Its piece of `segment` is of no use. */
  wasWrong(segment: number): void {
    this.#wrong.add(segment);
  }

  /** It gave what is not what was signed. Counts once. */
  lied(): void {
    if (!this.#lied) this.record.lied();
    this.#lied = true;
  }

  /** It did not answer: it rests, longer each time, and is given up at last, or at once when it will not get better. */
  missed(reason: PeerError): void {
    // Requests that were under way together fail together: that is one strike.
    if (passing.has(reason.code) && performance.now() < this.restsUntil) return;
    this.#strikes += 1;
    if (!passing.has(reason.code) || this.#strikes >= getLimits.strikes) this.fail(reason);
    else this.restsUntil = performance.now() + getLimits.firstRestMs * 2 ** (this.#strikes - 1);
  }

  /** It is not asked any more. */
  fail(reason: PeerError): void {
    if (this.failed !== undefined) return;
    this.failed = reason;
    if (reason.code === 'integrity') this.lied();
  }
}

/** What else is known of who is behind a source. */
interface TrackRecord {
  isShunned(segment: number): boolean;
  lied(): void;
}

const unknownRecord: TrackRecord = { isShunned: () => false, lied: () => undefined };

/** One source for each holder of a shard that can be reached now. */
export function sourcesOf(options: {
  readonly share: SignedShare;
  readonly locations: readonly Location[];
  /** A holder that can be reached now, this peer included. */
  readonly holder: (nodeId: string) => Holder | undefined;
  /** Who gave wrong pieces before; whoever did so often is asked only for what fewer than k others may have. */
  readonly blame?: Blame | undefined;
}): Source[] {
  const { blame } = options;
  const { k } = options.share.manifest.geometry;
  const sources: Source[] = [];
  const isNeeded = (segment: number): boolean => {
    const others = sources.filter(
      (one) => one.mayHave(segment) && blame?.isShunned(one.holder.nodeId) !== true,
    );
    return countShards(others) < k;
  };
  for (const { holderId, shard } of options.locations) {
    const who = options.holder(holderId);
    if (who === undefined) continue;
    const record = blame && {
      isShunned: (segment: number) => blame.isShunned(holderId) && !isNeeded(segment),
      lied: () => {
        blame.report(holderId);
      },
    };
    sources.push(new Source(who, shard, shard >= k, record));
  }
  return sources;
}

/** What may pass by itself: a cut connection, a holder that is busy or starts anew. */
const passing: ReadonlySet<ErrorCode> = new Set(['closed', 'timeout', 'unreachable', 'limit']);

/** What a piece takes with the quickest of those that have answered; null before anybody has. */
export function typicalMs(sources: readonly Source[]): number | null {
  const known = sources.map(({ meanMs }) => meanMs).filter((ms) => ms !== null);
  return known.length === 0 ? null : Math.min(...known);
}

/** Different shards among them. */
export function countShards(sources: readonly Source[]): number {
  return new Set(sources.map(({ shard }) => shard)).size;
}

/**
 * Sources that can be asked for their piece of `segment`, one for each shard and none of those excluded: cheapest first, and
 * those behind who gave a wrong piece of another segment.
 */
export function cheapest(
  sources: readonly Source[],
  segment: number,
  excluded: (source: Source) => boolean = () => false,
): Source[] {
  const now = performance.now();
  const usable = sources.filter(
    (source) =>
      source.mayHave(segment) &&
      source.restsUntil <= now &&
      !source.isShunned(segment) &&
      !excluded(source),
  );
  const typical = typicalMs(usable) ?? 1;
  usable.sort((a, b) => a.cost(typical) - b.cost(typical));
  const byShard = new Map<number, Source>();
  for (const isDoubted of [false, true]) {
    for (const source of usable) {
      const isNext = source.isDoubted === isDoubted && !byShard.has(source.shard);
      if (isNext) byShard.set(source.shard, source);
    }
  }
  return [...byShard.values()];
}
