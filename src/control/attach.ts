import type { ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PeerError } from '../common/errors.js';
import { connectControl } from './client/connect.js';
import { lastLogLine, launchPeer } from './client/launch.js';
import { contractVersions, type AttachOptions, type ControlClient } from './contract.js';
import { readEndpoint } from './endpoint.js';
import { processLimits } from './limits.js';

/**
 * Attaches to the peer process of a data directory; starts one when none runs and `start` is set.
 *
 * @throws {PeerError} `closed` when none runs and none may be started, `not-trusted` when the process at the
 * socket cannot prove the secret of the data directory, `unsupported` when it speaks no common version and stays: it is
 * newer, or runs in a terminal, or none may be started in its place; `cancelled`, and whatever kept the peer from starting.
 */
export async function attach(options: AttachOptions): Promise<ControlClient> {
  const dataDir = path.resolve(options.dataDir);
  const running = await tryConnect(dataDir).catch(async (error: unknown) => {
    if (!options.start || !PeerError.is(error, 'unsupported')) throw error;
    await endOlder(dataDir, error);
    return null;
  });
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

/**
 * A peer of an earlier version, which went on when its program was updated, makes room: what it was about goes on with the
 * one that is started then, which waits for the data directory. One of a later version stays, and so does one that
 * somebody runs in a terminal.
 *
 * @throws {PeerError} `tooFar` when it stays
 */
async function endOlder(dataDir: string, tooFar: PeerError): Promise<void> {
  const endpoint = readEndpoint(dataDir);
  if (endpoint === null) return;
  const earlier = { min: 1, max: contractVersions.min - 1 };
  const client = await connectControl(endpoint, earlier).catch(() => {
    throw tooFar;
  });
  try {
    // Without the promise that the editor makes for it, which is made anew to the next, only a terminal keeps one.
    const { stays } = await client.request('configure', { stays: false });
    if (stays) throw tooFar;
    await client.request('shutdown', null);
  } catch (error) {
    // A process that ends at once may take its answer along.
    if (!PeerError.is(error, 'closed')) throw error;
  } finally {
    client.dispose();
  }
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
