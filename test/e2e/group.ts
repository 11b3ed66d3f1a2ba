import { TestGroup } from '../support/peers.js';

let group: Promise<TestGroup> | undefined;

/**
 * Six peers for a suite, started by whoever comes first. Suites that run one after the other have the same ones, so a
 * test that ends some starts them again (see {@link restoreGroup}), and each file says `after(endSixPeers)` outside of
 * its suites.
 */
export function sixPeers(): Promise<TestGroup> {
  group ??= TestGroup.start(6);
  return group;
}

/** Starts again what a test has ended, and waits until all have met. */
export async function restoreGroup(): Promise<void> {
  const six = await sixPeers();
  await Promise.all(six.peers.filter((peer) => !peer.running).map((peer) => peer.serve()));
  await six.meet();
}

/** For the end of a file: it may be the last one of its process. */
export async function endSixPeers(): Promise<void> {
  const ended = await group;
  group = undefined;
  await ended?.dispose();
}
