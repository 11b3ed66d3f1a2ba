import { PeerError } from '../../common/errors.js';
import type { Logger } from '../../common/logger.js';
import type { Fetcher } from './fetcher.js';
import { isOnPage, type PieceHashes } from './pieceHashes.js';
import type { Source } from './sources.js';

export interface DistrustOptions {
  readonly fetcher: Fetcher;
  readonly pages: PieceHashes;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** The holder's piece is not the one that was signed. */
  readonly onWrong?: (source: Source) => void;
}

/**
 * Holds the hashes of all pieces that a segment was made of against the signed roots of their shards. Whoever gave another
 * piece is distrusted; whoever cannot tell what it should be is not asked any more.
 *
 * @param hashes what was found, by shard
 * @param from who gave it, by shard
 * @returns whether there was any: the segment is to be fetched again
 */
export async function distrustWrong(
  { fetcher, pages, logger, signal, onWrong }: DistrustOptions,
  segment: number,
  hashes: readonly (readonly [shard: number, hash: Uint8Array])[],
  from: ReadonlyMap<number, Source>,
): Promise<boolean> {
  const found = await Promise.all(
    hashes.map(async ([shard, hash]) => {
      const source = from.get(shard);
      if (source === undefined) return false;
      const verdict = await pages.page(source, segment).then(
        (page) => isOnPage(page, segment, hash),
        (error: unknown) => PeerError.from(error),
      );
      if (verdict === true || signal.aborted) return false;
      const isWrong = verdict === false;
      const { nodeId } = source.holder;
      logger.warn('wrong piece', nodeId, shard, segment, isWrong ? 'integrity' : verdict.code);
      if (isWrong || verdict.code === 'integrity') onWrong?.(source);
      if (isWrong) {
        source.lied();
        fetcher.distrust(source, segment);
      } else fetcher.exclude(source, verdict);
      return true;
    }),
  );
  return found.includes(true);
}
