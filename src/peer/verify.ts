import { CHUNK_SIZE, chunksPerShard } from '../chunk/geometry.js';
import { equalBytes } from '../common/bytes.js';
import { PeerError } from '../common/errors.js';
import { within } from '../common/time.js';
import type { Location, SignedShare } from './catalog/catalog.js';
import type { Holder } from './holder.js';
import { syncLimits, verifyLimits } from './limits.js';

const longestMs = 2 ** 31 - 1;

/** What a holder reported of one shard. */
export interface ShardCheck {
  readonly holderId: string;
  readonly shard: number;
  readonly status: 'ok' | 'damaged' | 'missing' | 'unreachable' | 'lied';
  readonly chunksChecked: number;
  /** Chunk numbers: shard · chunks per shard + index. */
  readonly badChunks: readonly number[];
  readonly problem: string | null;
}

export interface VerifyOptions {
  readonly share: SignedShare;
  /** Who holds what, as far as it is known when it is asked. */
  readonly locations: () => Promise<readonly Location[]>;
  /** Takes over what a member has to tell of what it holds. */
  readonly hear: (nodeId: string) => Promise<unknown>;
  readonly holder: (nodeId: string) => Holder | undefined;
  readonly signal: AbortSignal;
  /** Bytes of shards that were re-read, and of all shards, over all holders; and how many of these are there. */
  readonly onProgress: (done: number, total: number, peers: number) => void;
  /** One holder has re-read so many chunks of its shard. */
  readonly onChunks?: (holderId: string, shard: number, chunks: number) => void;
}

/** Asks every holder to re-read its shard and to check every chunk; compares what it found with the signed roots. */
export async function verifyShare(options: VerifyOptions): Promise<readonly ShardCheck[]> {
  const checks = await checkShards(options, await options.locations());
  const missing = checks.filter(({ status }) => status === 'missing');
  if (missing.length === 0) return checks;
  // It may have been brought elsewhere meanwhile: whoever let go of it has said so.
  // Whoever has no end of news to tell is not heard to it.
  const news = Promise.all(missing.map(({ holderId }) => options.hear(holderId)));
  await within(syncLimits.newsMs, news);
  const now = await options.locations();
  const isIn = (all: readonly Location[], { holderId, shard }: Location): boolean =>
    all.some((one) => one.holderId === holderId && one.shard === shard);
  const gone = missing.filter((check) => !isIn(now, check));
  if (gone.length === 0) return checks;
  const come = now.filter((location) => !isIn(checks, location));
  return [
    ...checks.filter((check) => !gone.includes(check)),
    ...(await checkShards(options, come)),
  ];
}

async function checkShards(
  options: VerifyOptions,
  locations: readonly Location[],
): Promise<readonly ShardCheck[]> {
  const { share, holder, onProgress } = options;
  const perShard = chunksPerShard(share.manifest.geometry);
  const done = locations.map(() => 0);
  return await Promise.all(
    locations.map((location, at) =>
      checkShard(options, location, (chunks) => {
        const known = Math.min(chunks, perShard); // a holder may say anything
        done[at] = known;
        options.onChunks?.(location.holderId, location.shard, known);
        const sum = done.reduce((a, b) => a + b, 0);
        const peers = locations.filter(({ holderId }) => holder(holderId) !== undefined).length;
        onProgress(sum * CHUNK_SIZE, perShard * locations.length * CHUNK_SIZE, peers);
      }),
    ),
  );
}

async function checkShard(
  { share, holder, signal }: VerifyOptions,
  { holderId, shard }: Location,
  onChunks: (chunks: number) => void,
): Promise<ShardCheck> {
  const { geometry, roots } = share.manifest;
  const report = (
    status: ShardCheck['status'],
    facts: Partial<Pick<ShardCheck, 'chunksChecked' | 'badChunks' | 'problem'>> = {},
  ): ShardCheck => ({
    holderId,
    shard,
    status,
    chunksChecked: 0,
    badChunks: [],
    problem: null,
    ...facts,
  });
  const who = holder(holderId);
  if (who === undefined) return report('unreachable', { problem: 'This peer is not connected.' });
  try {
    const perShard = chunksPerShard(geometry);
    const deadline = AbortSignal.timeout(Math.min(verifyLimits.patienceMs + perShard, longestMs));
    const both = AbortSignal.any([signal, deadline]);
    const scan = await who.scan(share.row.shareId, shard, onChunks, both);
    const { chunksChecked } = scan;
    const badChunks = scan.badChunks
      .filter((index) => index < perShard)
      .slice(0, verifyLimits.badChunks)
      .map((index) => shard * perShard + index);
    if (badChunks.length > 0) return report('damaged', { chunksChecked, badChunks });
    const root = roots[geometry.k === 1 ? 0 : shard];
    if (root === undefined || !equalBytes(root, scan.root) || chunksChecked !== perShard) {
      return report('lied', {
        chunksChecked,
        problem: 'What it stores is well-formed, but not what was signed.',
      });
    }
    return report('ok', { chunksChecked });
  } catch (error) {
    const known = PeerError.from(error);
    if (signal.aborted) throw new PeerError('cancelled', 'The verification was cancelled.');
    if (known.code === 'not-found') return report('missing', { problem: 'It has no such shard.' });
    if (known.code === 'closed' || known.code === 'timeout') {
      return report('unreachable', { problem: known.message });
    }
    return report('damaged', { problem: known.message });
  }
}
