import type { ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PeerError } from '../common/errors.js';
import { connectControl } from './client/connect.js';
import { lastLogLine, launchPeer } from './client/launch.js';
import type { AttachOptions, ControlClient } from './contract.js';
import { readEndpoint } from './endpoint.js';
import { processLimits } from './limits.js';

/**
 * Attaches to the peer process of a data directory; starts one when none runs and `start` is set.
 *
 * @throws {PeerError} `closed` when none runs and none may be started, `not-trusted` when the process at the
 * socket cannot prove the secret of the data directory, `unsupported` when it speaks no common version,
 * `cancelled`, and whatever kept the peer from starting.
 */
export async function attach(options: AttachOptions): Promise<ControlClient> {
  const dataDir = path.resolve(options.dataDir);
  const running = await tryConnect(dataDir);
  if (running !== null) return running;
  if (!options.start) {
    throw new PeerError('closed', 'No peer runs for this data directory.', {
      hint: 'Start it with “chunk-partitioner serve”.',
    });
  }
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const child = launchPeer(options.runtimeDir, dataDir);
  return await waitForPeer(dataDir, child, options.signal);
}

async function waitForPeer(
  dataDir: string,
  child: ChildProcess,
  signal: AbortSignal | undefined,
): Promise<ControlClient> {
  const ended = new AbortController();
  child.once('exit', () => {
    ended.abort();
  });
  child.once('error', () => {
    ended.abort();
  });
  const until = Date.now() + processLimits.startMs;
  for (let wait = 20; Date.now() < until; wait = Math.min(wait * 1.5, 250)) {
    if (signal?.aborted === true) throw new PeerError('cancelled', 'Cancelled.');
    const client = await tryConnect(dataDir);
    if (client !== null) return client;
    if (ended.signal.aborted) break;
    await delay(wait);
  }
  throw new PeerError('internal', `The peer did not start. ${lastLogLine(dataDir)}`.trim(), {
    hint: 'See peer.log in the data directory.',
  });
}

/** Null when no peer runs; a process that answers wrongly is an error. */
async function tryConnect(dataDir: string): Promise<ControlClient | null> {
  const endpoint = readEndpoint(dataDir);
  if (endpoint === null) return null;
  try {
    return await connectControl(endpoint);
  } catch (error) {
    if (PeerError.is(error, 'unreachable', 'closed')) return null;
    throw error;
  }
}
