import { pieceBytes } from '../../chunk/geometry.js';
import { HASH_SIZE, pieceHash } from '../../chunk/shardRoot.js';
import { equalBytes } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import type { Logger } from '../../common/logger.js';
import type { BadPiece, ShardStore } from '../../store/store.js';
import type { SignedShare } from '../catalog/catalog.js';
import type { Source } from '../get/sources.js';
import type { ReadThread } from '../read/readThread.js';
import type { DamageBook } from './damageBook.js';
import type { Holdings } from './holdings.js';
import { everySegment, makePieces } from './makePieces.js';
import type { Pace } from './pace.js';
import { repairLimits } from '../limits.js';
import { shardKey } from '../shardKey.js';

export interface MenderOptions {
  readonly nodeId: string;
  readonly shards: Pick<ShardStore, 'check' | 'mend' | 'seal' | 'rehash' | 'putHashes'>;
  readonly holdings: Holdings;
  readonly thread: ReadThread;
  readonly damage: DamageBook;
  readonly logger: Logger;
}

/** What was found and healed in a run of pieces. */
export interface Mended {
  readonly pieces: number;
  /** The next segment to look at; null at the end of the shard. */
  readonly next: number | null;
}

/** Re-reads shards of this peer, and puts right in place what rotted. */
export class Mender {
  /** The next segment of looks at shards that began at their first and left nothing out. */
  readonly #through = new Map<string, number>();

  constructor(private readonly options: MenderOptions) {}

  /**
   * Checks a whole shard and heals it.
   *
   * @throws PeerError `not-enough-shards` when it cannot be healed now, `integrity` when it cannot be at all
   */
  async mend(
    share: SignedShare,
    shard: number,
    pace: Pace,
    onProgress: (bytes: number) => void,
    signal: AbortSignal,
  ): Promise<number> {
    let pieces = 0;
    let bytes = 0;
    for (let next: number | null = 0; next !== null;) {
      const first: number = next;
      const run: Mended = await this.mendSome(share, shard, first, pace, signal);
      pieces += run.pieces;
      next = run.next;
      const { geometry } = share.manifest;
      for (let at = first; at < (next ?? geometry.segments); at++)
        bytes += pieceBytes(geometry, at);
      onProgress(bytes);
    }
    return pieces;
  }

  /** The same for a few pieces, from `first` on. */
  async mendSome(
    share: SignedShare,
    shard: number,
    first: number,
    pace: Pace,
    signal: AbortSignal,
  ): Promise<Mended> {
    const { shards, damage, nodeId } = this.options;
    const { shareId } = share.row;
    const { segments } = share.manifest.geometry;
    if (signal.aborted) throw new PeerError('cancelled', 'The check was cancelled.');
    if (first === 0) await this.#checkHashes(share, shard, pace, signal);
    const bad = await shards.check(shareId, shard, first, repairLimits.piecesAtOnce);
    if (bad.length > 0) await this.#heal(share, shard, bad, pace, signal);
    const key = shardKey({ shareId, shard });
    const isThrough = first === 0 || this.#through.get(key) === first;
    this.#through.delete(key);
    const end = first + repairLimits.piecesAtOnce;
    if (end < segments) {
      if (isThrough) this.#through.set(key, end);
      return { pieces: bad.length, next: end };
    }
    // What others, or this peer, had found somewhere in it was come by.
    if (isThrough) damage.clear(shareId, shard, nodeId);
    return { pieces: bad.length, next: null };
  }

  /** What all else is held against has to be right itself. */
  async #checkHashes(
    share: SignedShare,
    shard: number,
    pace: Pace,
    signal: AbortSignal,
  ): Promise<void> {
    const { shards, damage, nodeId, logger } = this.options;
    const { shareId } = share.row;
    const { roots, geometry } = share.manifest;
    const root = roots[geometry.k === 1 ? 0 : shard];
    if (root === undefined) throw new PeerError('protocol', 'No such shard.');
    const stored = await shards.seal(shareId, shard).catch((error: unknown) => {
      if (PeerError.is(error, 'disk', 'not-found')) return null; // cut off, or lost
      throw error;
    });
    if (stored !== null && equalBytes(stored, root)) return;
    const isMended = await shards.rehash(shareId, shard, root);
    logger.warn('the hashes beside a shard are damaged', shareId, shard);
    if (isMended) return;
    // Both rotted. Whatever pieces are whole may be all that is left: nothing is removed.
    damage.report(shareId, shard, nodeId, 'lied');
    if (
      await shards.putHashes(shareId, shard, root, await this.#hashes(share, shard, pace, signal))
    )
      return;
    throw new PeerError('integrity', 'A shard and its hashes are both damaged.');
  }

  /** Of all pieces of a shard, made of what others have: nothing here says any more what they should be. */
  async #hashes(
    share: SignedShare,
    shard: number,
    pace: Pace,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const { holdings, thread, logger } = this.options;
    const { geometry } = share.manifest;
    const hashes = new Uint8Array(geometry.segments * HASH_SIZE);
    await makePieces({
      ...{ share, shard, thread, pace, logger, signal },
      segments: everySegment(geometry),
      sources: await holdings.sources(share),
      onPiece: (segment, piece) => {
        hashes.set(pieceHash(piece), segment * HASH_SIZE);
        return Promise.resolve();
      },
      onDamage: this.#report(share),
    });
    return hashes;
  }

  #report({ row: { shareId } }: SignedShare): (source: Source) => void {
    return ({ shard, holder }) => {
      this.options.damage.report(shareId, shard, holder.nodeId, 'damaged');
    };
  }

  async #heal(
    share: SignedShare,
    shard: number,
    bad: readonly BadPiece[],
    pace: Pace,
    signal: AbortSignal,
  ): Promise<void> {
    const { shards, holdings, thread, damage, nodeId, logger } = this.options;
    const { shareId } = share.row;
    for (const { segment, chunks } of bad) {
      logger.warn('rotten piece on this disk', nodeId, shareId, shard, segment, chunks);
    }
    const known = damage.of(shareId, shard, nodeId);
    damage.report(shareId, shard, nodeId, 'damaged');
    await makePieces({
      ...{ share, shard, thread, pace, logger, signal },
      segments: bad.map(({ segment }) => segment),
      sources: await holdings.sources(share),
      onPiece: (segment, piece) => shards.mend(shareId, shard, segment, piece),
      onDamage: this.#report(share),
    });
    // What was known before may lie elsewhere in it.
    if (known === null) damage.clear(shareId, shard, nodeId);
    logger.info('healed', bad.length, 'pieces of', shareId, shard);
  }
}
