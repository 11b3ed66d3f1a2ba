import { TestGroup } from '../support/peers.js';

let group: Promise<TestGroup> | undefined;

/**
 * The six peers that the end-to-end tests have in common: started once, by whoever comes first. A test that
 * ends some starts them again (see {@link restoreGroup}).
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

after('end the six peers', async function () {
  this.timeout(60_000);
  await (await group)?.dispose();
});
