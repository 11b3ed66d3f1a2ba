import path from 'node:path';
import { PeerError } from '../../../src/common/errors.js';
import type { ShareInfo } from '../../../src/control/contract.js';
import type { TestPeer } from '../../support/peers.js';
import type { Bench, SourceFile, SourceFolder } from '../bench.js';
import { LastByteWatch } from '../measure/lastByte.js';
import { measure } from '../measure/meter.js';
import { NotAvailable, type Sample } from '../row.js';
import { checkFile, checkFolder } from '../tools/checkFile.js';
import { OurGroup } from './ourGroup.js';

/** A get, and how long after the last byte it was done. */
export interface GetSamples {
  readonly get: Sample;
  readonly lastByte: Sample;
}

/**
 * A file from four holders on a peer that holds nothing, while the author is away. `dead` of them end without a word
 * just before; they are those that hold the first data shards, so that these have to be computed.
 */
export async function ourGet(bench: Bench, file: SourceFile, dead: number): Promise<GetSamples> {
  const ours = await OurGroup.withShare(bench, file.path);
  return bench.sample(async (folder, processes) => {
    await ours.run(processes, [...ours.holders, ours.getter]);
    await ours.getter.lists(ours.share.shareId);
    await Promise.all(holdersOf(ours, ours.share, dead).map((holder) => holder.kill()));
    const target = path.join(folder, 'fetched');
    let lastByteAt = NaN;
    let doneAt = NaN;
    const get = await measure(processes.roles, async () => {
      const watch = new LastByteWatch();
      try {
        await ours.get(ours.share.shareId, target);
      } finally {
        doneAt = performance.now();
        lastByteAt = watch.end();
      }
    });
    await checkFile(target, file);
    return { get, lastByte: { seconds: (doneAt - lastByteAt) / 1000 } };
  });
}

/** A share over so many holders that run, until it is durable. */
export async function ourShare(bench: Bench, file: SourceFile, holders = 4): Promise<Sample> {
  const ours = await OurGroup.prepared(bench, holders);
  return bench.sample(async (_folder, processes) => {
    await ours.restore();
    await ours.run(processes, [ours.author, ...ours.holders]);
    return measure(processes.roles, async () => {
      await ours.shareFile(file.path);
    });
  });
}

/** A share, and then a get of it on a peer that was away. */
export async function ourShareAndGet(
  bench: Bench,
  source: SourceFile | SourceFolder,
  holders: number,
): Promise<{ readonly share: Sample; readonly get: Sample }> {
  const ours = await OurGroup.prepared(bench, holders);
  return bench.sample(async (folder, processes) => {
    await ours.restore();
    await ours.run(processes, [ours.author, ...ours.holders]);
    let shared: ShareInfo | undefined;
    const share = await measure(processes.roles, async () => {
      shared = await ours.shareFile(source.path).catch(folderRefused);
    });
    if (shared === undefined) throw new Error('nothing was shared');
    await ours.serve(processes, ours.getter);
    await ours.getter.meets([ours.author, ...ours.holders]);
    const { shareId } = shared;
    await ours.getter.lists(shareId);
    const target = path.join(folder, 'fetched');
    const get = await measure(processes.roles, () => ours.get(shareId, target));
    if ('sha256' in source) await checkFile(target, source);
    else await checkFolder(target, source);
    return { share, get };
  });
}

/** So many shares of a small file, one after the other; seconds are those of one. */
export async function ourSmallShares(
  bench: Bench,
  file: SourceFile,
  count: number,
): Promise<Sample> {
  const ours = await OurGroup.prepared(bench, 4);
  return bench.sample(async (_folder, processes) => {
    await ours.restore();
    await ours.run(processes, [ours.author, ...ours.holders]);
    const sample = await measure(processes.roles, async () => {
      for (let index = 0; index < count; index += 1) await ours.shareFile(file.path);
    });
    return { seconds: sample.seconds / count, peakRssMiB: sample.peakRssMiB };
  });
}

function holdersOf(ours: OurGroup, share: ShareInfo, count: number): TestPeer[] {
  const names = [...share.holders]
    .sort((a, b) => a.shard - b.shard)
    .slice(0, count)
    .map(({ name }) => name);
  return ours.holders.filter(({ name }) => names.includes(name));
}

function folderRefused(error: unknown): never {
  if (PeerError.is(error, 'not-a-file')) {
    throw new NotAvailable('this version shares no folders', { cause: error });
  }
  throw error;
}
