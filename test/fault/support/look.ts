import assert from 'node:assert/strict';
import type { PeerInfo } from '../../../src/control/contract.js';
import { PeerError, type ErrorCode } from '../../../src/common/errors.js';
import type { TestPeer } from '../../support/peers.js';
import { waitFor } from '../../support/waitFor.js';

/** Longest wait for what nobody tells of, milliseconds. */
export const deadlineMs = 20_000;

/** Waits until a peer has written that into its log. */
export async function logs(peer: TestPeer, ...words: readonly string[]): Promise<void> {
  await peer.until(
    () => peer.log.split('\n').some((line) => words.every((word) => line.includes(word))),
    `logs ${words.join(' … ')}`,
    deadlineMs,
  );
}

/** How a peer lists a member. */
export async function rowOf(peer: TestPeer, name: string): Promise<PeerInfo | undefined> {
  const { peers } = await (await peer.client()).request('peers', null);
  return peers.find((row) => row.name === name);
}

/** Waits until a peer lists a member in that state. */
export async function sees(peer: TestPeer, name: string, state: PeerInfo['state']): Promise<void> {
  await waitFor(
    await peer.client(),
    async () => (await rowOf(peer, name))?.state === state,
    `${peer.name} to see ${name} as ${state}`,
  );
}

/** Asserts that something fails, with one of these codes. */
export async function fails(task: Promise<unknown>, ...codes: ErrorCode[]): Promise<PeerError> {
  let outcome: unknown;
  try {
    outcome = await task;
  } catch (error) {
    assert.ok(PeerError.is(error), String(error));
    assert.ok(codes.includes(error.code), `${error.code}: ${error.message}`);
    return error;
  }
  assert.fail(`it did not fail: ${JSON.stringify(outcome)}`);
}
