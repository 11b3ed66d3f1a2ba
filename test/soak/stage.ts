import type { Cast } from './cast.js';
import type { Disks } from './disks.js';
import type { Ledger } from './ledger.js';
import type { World } from './model.js';
import type { Tally } from './tally.js';

/** Everything that an operation needs: the model, the real thing, and what was found out of it. */
export interface Stage {
  readonly seed: number;
  readonly world: World;
  readonly cast: Cast;
  readonly disks: Disks;
  readonly ledger: Ledger;
  readonly tally: Tally;
}

/** Longest time for a request that transfers something, milliseconds: all of it is small. */
export const transferMs = 60_000;
/** The same where a peer or a line is silent, and deadlines have to pass. */
export const patientMs = 120_000;

/** Numbers of those whose disks count: all but those that are gone. */
export function presentPeers({ world }: Stage): number[] {
  return world.present().map(({ index }) => index);
}

/** Numbers of those that a peer can get shards from, itself among them. */
export function sourcesOf({ world }: Stage, peer: number): number[] {
  return [peer, ...world.reachable(peer).map(({ index }) => index)];
}

/** Runs a task for each item, so many at a time. */
export async function each<T>(
  items: Iterable<T>,
  width: number,
  task: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (let next = queue.next(); next.done !== true; next = queue.next()) await task(next.value);
  };
  await Promise.all(Array.from({ length: width }, lane));
}
