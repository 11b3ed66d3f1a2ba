import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { TestGroup, type TestPeer } from '../support/peers.js';
import { sha256File } from '../support/files.js';
import { peakMemory } from './peakMemory.js';

/** What one share and one get of a file took. */
export interface Round {
  readonly shareSeconds: number;
  readonly getSeconds: number;
  /** Peak memory by role, MiB; of the holders the largest. */
  readonly peakMiB: Readonly<Record<'sharer' | 'holder' | 'getter', number | null>>;
  /** Data and parity shards that `auto` chose. */
  readonly code: string;
}

const holders = 4;

/**
 * One peer shares a file over four others; a newcomer, which holds nothing of it, gets it. Real
 * processes on loopback, each round with fresh ones.
 */
export async function runRound(file: string, sha256: string): Promise<Round> {
  const group = await TestGroup.start(1 + holders, { unguarded: true });
  try {
    const sharer = group.get(0);
    const shareStarted = performance.now();
    const { share } = await (
      await sharer.client()
    ).request('share', { transferId: randomUUID(), path: file });
    const shareSeconds = (performance.now() - shareStarted) / 1000;

    const getter = await group.add('getter');
    await getter.meets(group.peers);
    await getter.lists(share.shareId);
    const target = path.join(group.filesDir, 'fetched');
    const client = await getter.client();
    const getStarted = performance.now();
    await client.request('get', { transferId: randomUUID(), share: share.shareId, path: target });
    const getSeconds = (performance.now() - getStarted) / 1000;
    if ((await sha256File(target)) !== sha256) throw new Error('the file came back changed');

    const peakMiB = {
      sharer: peakMemory(sharer.pid),
      holder: largest(group.peers.slice(1, 1 + holders)),
      getter: peakMemory(getter.pid),
    };
    return { shareSeconds, getSeconds, peakMiB, code: `${share.k}+${share.m}` };
  } finally {
    await group.dispose();
  }
}

function largest(peers: readonly TestPeer[]): number | null {
  const peaks = peers.map((peer) => peakMemory(peer.pid)).filter((peak) => peak !== null);
  return peaks.length === 0 ? null : Math.max(...peaks);
}
