import { shardBytes } from '../../chunk/geometry.js';
import { PeerError } from '../../common/errors.js';
import type { Logger } from '../../common/logger.js';
import type { ShardStore } from '../../store/store.js';
import type { Catalog, SignedShare } from '../catalog/catalog.js';
import type { Holder } from '../holder.js';
import type { ReadThread } from '../read/readThread.js';
import type { HolderService } from '../serve/holderService.js';
import type { Taking } from './colleague.js';
import type { DamageBook } from './damageBook.js';
import type { Holdings } from './holdings.js';
import { everySegment, makePieces } from './makePieces.js';
import type { Mender } from './mender.js';
import type { OwnWord } from './ownWord.js';
import type { Pace } from './pace.js';
import { readBack } from './readBack.js';
import { repairLimits } from '../limits.js';
import { shardKey } from '../shardKey.js';

export interface TakerOptions {
  readonly nodeId: string;
  readonly catalog: Pick<Catalog, 'signed' | 'heldBy'>;
  readonly shards: Pick<ShardStore, 'held'>;
  readonly service: Pick<HolderService, 'rebuild' | 'adopt'>;
  readonly word: OwnWord;
  readonly holdings: Holdings;
  readonly mender: Mender;
  readonly damage: DamageBook;
  readonly thread: ReadThread;
  readonly pace: Pace;
  readonly logger: Logger;
  readonly holder: (nodeId: string) => Holder | undefined;
  /** A peer that leaves takes nothing more. */
  readonly isLeaving: () => boolean;
  /** Whether this peer moves something that people wait for: it makes nothing meanwhile that nobody waits for. */
  readonly isBusy: () => boolean;
  readonly signal: AbortSignal;
}

interface Job {
  /** Rejects when the shard is not taken at all. */
  readonly accepted: Promise<unknown>;
  /** Aborted once somebody waits for it, or for one behind it: no pace holds it back from then on. */
  readonly hurry: AbortController;
  /** Aborted when this peer takes nothing more. */
  readonly end: AbortController;
  /** Who asked before it ended, and when last. Others are told nothing of it: what was whole then may have rotted since. */
  readonly askers: Map<string, number>;
  done: number;
  total: number;
  receipt: Uint8Array | null;
  failed: PeerError | null;
  endedAt: number | null;
}

/**
 * Takes shards that others ask this peer to hold, one after the other. It judges for itself: nobody writes to its disk, and
 * what another one has is not taken.
 */
export class Taker {
  readonly #jobs = new Map<string, Job>();
  #tail: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: TakerOptions) {}

  /**
   * Begins to take a shard, or tells how far it is.
   *
   * @param asker who may have the shard itself, and want to be rid of it
   * @throws PeerError `exists` when another one has it, soundly; `limit` when this peer holds another shard of the share, has
   * too much to do, or is leaving; `in-use` when it is busy, and nobody waits for the shard: others may have time;
   * `not-found`, `disk-full`, `not-enough-shards`
   */
  async take(asker: string, shareId: string, shard: number, now: boolean): Promise<Taking> {
    const key = shardKey({ shareId, shard });
    this.#forgetEnded();
    let job = this.#jobs.get(key);
    if (job === undefined || (job.endedAt !== null && !job.askers.has(asker))) {
      this.#refuseWhileBusy(now);
      if (this.#jobs.size >= repairLimits.jobs) {
        throw new PeerError('limit', 'This peer has enough shards to take.');
      }
      const share = this.#judge(asker, shareId, shard);
      job = {
        ...{ accepted: share, hurry: new AbortController(), end: new AbortController() },
        // Who waits for the end of the one before is told of this one: else two who ask in turn would never hear an end.
        ...{ askers: waiting(job), done: 0, total: 0 },
        ...{ receipt: null, failed: null, endedAt: null },
      };
      this.#jobs.set(key, job);
      this.#queue(job, share, shard);
    }
    job.askers.set(asker, performance.now());
    // Somebody waits for it, and so for all before it.
    if (now) for (const { hurry } of this.#jobs.values()) hurry.abort();
    try {
      await job.accepted;
    } catch (error) {
      if (this.#jobs.get(key) === job) this.#jobs.delete(key); // it may be judged otherwise the next time
      throw error;
    }
    if (job.endedAt === null) this.#refuseWhileBusy(now);
    else this.#toldTo(asker, key, job);
    if (job.failed !== null) throw job.failed;
    const { done, total, receipt } = job;
    return { done, total, receipt };
  }

  /** Each is told once how it ended: whoever asks again wants it tried, or looked at, again. */
  #toldTo(asker: string, key: string, job: Job): void {
    job.askers.delete(asker);
    if (job.askers.size === 0 && this.#jobs.get(key) === job) this.#jobs.delete(key);
  }

  /** Whoever asks has more to look after than what would stand still here, for as long as a transfer takes. */
  #refuseWhileBusy(now: boolean): void {
    if (now || !this.options.isBusy()) return;
    throw new PeerError('in-use', 'This peer moves files that people wait for.', {
      hint: 'It takes shards again afterwards.',
    });
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await this.#tail;
  }

  /** Gives up what is not taken yet, and resolves when nothing is under way. */
  async giveUp(): Promise<void> {
    for (const { end } of this.#jobs.values()) end.abort();
    await this.idle();
  }

  #queue(job: Job, share: Promise<SignedShare>, shard: number): void {
    const end = (failed: PeerError | null): void => {
      job.failed = failed;
      job.endedAt = performance.now();
    };
    this.#tail = this.#tail.then(async () => {
      try {
        job.receipt = await this.#run(job, await share, shard);
        end(null);
      } catch (error) {
        end(PeerError.from(error));
      }
    });
  }

  async #judge(asker: string, shareId: string, shard: number): Promise<SignedShare> {
    const { catalog, shards, service, isLeaving, nodeId, signal } = this.options;
    const share = await catalog.signed(shareId);
    const { k, m } = share.manifest.geometry;
    if (shard >= k + m) throw new PeerError('protocol', 'No such shard.');
    await service.adopt(shareId);
    const held = await shards.held(shareId);
    const isOwn = held.some((one) => one.shard === shard && one.state !== 'staging');
    if (isOwn) return share;
    if (isLeaving()) throw leaving();
    if (held.some((one) => one.shard !== shard)) throw anotherShard();
    const others = (await catalog.heldBy([shareId])).filter(
      (one) => one.shard === shard && one.holderId !== asker && one.holderId !== nodeId,
    );
    for (const { holderId } of others) {
      const holder = this.options.holder(holderId);
      if (holder === undefined) continue;
      if ((await readBack(share, shard, holder, signal)) !== 'whole') continue;
      throw new PeerError('exists', 'Another peer holds this shard, and is there.');
    }
    return share;
  }

  async #run(job: Job, share: SignedShare, shard: number): Promise<Uint8Array> {
    const { shards, service, mender, word, damage, nodeId, logger, isLeaving } = this.options;
    const signal = AbortSignal.any([this.options.signal, job.end.signal]);
    const { shareId } = share.row;
    const { geometry } = share.manifest;
    job.total = shardBytes(geometry);
    const pace = paceUntil(job.hurry.signal, this.options.pace);
    await service.adopt(shareId);
    const all = await shards.held(shareId);
    const held = all.find((one) => one.shard === shard);
    // It may have taken one since it agreed.
    if (held === undefined && all.length > 0) throw anotherShard();
    if (held?.state === 'committed') {
      await mender.mend(share, shard, pace, (done) => (job.done = done), signal);
    } else {
      // It may have been asked to go since then.
      if (isLeaving()) throw leaving();
      await this.#make(job, share, shard, pace, signal);
      logger.info('took a shard', shareId, shard);
    }
    job.done = job.total;
    damage.clear(shareId, shard, nodeId);
    return await word.promise(share, shard);
  }

  async #make(
    job: Job,
    share: SignedShare,
    shard: number,
    pace: Pace,
    signal: AbortSignal,
  ): Promise<void> {
    const { service, holdings, thread, damage, logger } = this.options;
    const { shareId } = share.row;
    await service.rebuild(shareId, shard, async (keep) => {
      await makePieces({
        ...{ share, shard, thread, pace, logger, signal },
        segments: everySegment(share.manifest.geometry),
        sources: await holdings.sources(share),
        onPiece: async (segment, piece) => {
          await keep(segment, piece);
          job.done += piece.byteLength;
        },
        onDamage: (source) => {
          damage.report(shareId, source.shard, source.holder.nodeId, 'damaged');
        },
      });
    });
  }

  #forgetEnded(): void {
    for (const [key, { endedAt }] of this.#jobs) {
      if (endedAt !== null && performance.now() - endedAt > repairLimits.rememberMs)
        this.#jobs.delete(key);
    }
  }
}

/** Who asked for a shard a moment ago. */
function waiting(job: Job | undefined): Map<string, number> {
  const since = performance.now() - repairLimits.askerMs;
  return new Map([...(job?.askers ?? [])].filter(([, askedAt]) => askedAt >= since));
}

/** Holds back until somebody is in a hurry, and lets go at that very moment. */
function paceUntil(hurry: AbortSignal, pace: Pace): Pace {
  const isHurried = (): boolean => hurry.aborted;
  return {
    take: async (bytes, signal) => {
      if (isHurried()) return;
      try {
        await pace.take(bytes, AbortSignal.any([signal, hurry]));
      } catch (error) {
        if (signal.aborted || !isHurried()) throw error;
      }
    },
  };
}

function leaving(): PeerError {
  return new PeerError('limit', 'This peer is leaving.');
}

function anotherShard(): PeerError {
  return new PeerError('limit', 'This peer holds another shard of this share.');
}
