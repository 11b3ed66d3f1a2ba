import assert from 'node:assert/strict';
import type {
  GetResult,
  ShareInfo,
  ShareMap,
  ShareResult,
  VerifyResult,
} from '../../src/control/contract.js';
import { summary, type CliResult } from '../support/cliProcess.js';
import type { TestPeer } from '../support/peers.js';

/** Shares files and answers what is listed, in the same order. */
export async function shareFiles(
  peer: TestPeer,
  ...args: readonly string[]
): Promise<readonly ShareInfo[]> {
  const { last } = await peer.ok(['share', ...args], { timeoutMs: 200_000 });
  return (last['shares'] as readonly ShareResult[]).map((result) => result.share);
}

export async function shareFile(peer: TestPeer, ...args: readonly string[]): Promise<ShareInfo> {
  const [share] = await shareFiles(peer, ...args);
  assert.ok(share);
  return share;
}

export async function getFile(
  peer: TestPeer,
  share: string,
  target: string,
  ...options: readonly string[]
): Promise<GetResult> {
  const { last } = await peer.ok(['get', share, '-o', target, ...options], { timeoutMs: 200_000 });
  return last as unknown as GetResult;
}

export async function mapOf(peer: TestPeer, share: string): Promise<ShareMap> {
  return (await peer.ok(['map', share])).last as unknown as ShareMap;
}

export function verifyResult(result: CliResult): VerifyResult {
  assert.equal(result.last.event, 'result', summary(result));
  return result.last as unknown as VerifyResult;
}

/** Names of everything that a peer lists. */
export async function listedNames(peer: TestPeer): Promise<readonly string[]> {
  const { events } = await peer.ok(['ls']);
  return events
    .filter((event) => event.event === 'share')
    .map((event) => (event['share'] as ShareInfo).name);
}

/** Asserts exit code and error code; and that there are words for people, with what to do about it. */
export function assertFails(result: CliResult, code: number, error: string): void {
  assert.deepEqual(
    [result.code, result.last.event, result.last['code']],
    [code, 'error', error],
    summary(result),
  );
  assert.match(String(result.last['message']), /\w.*\.$/s);
}
