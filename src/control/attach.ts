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
  const { running, promised } = await meet(dataDir, options.start);
  if (running !== null) return running;
  if (!options.start) {
    throw new PeerError('closed', 'No peer runs for this data directory.', {
      hint: 'Start it with “chunk-partitioner serve”.',
    });
  }
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const child = launchPeer(options.runtimeDir, dataDir);
  const client = await waitForPeer(dataDir, child, options.signal);
  if (promised) await client.request('configure', { stays: true });
  return client;
}

/** @returns the peer that runs; or null, and what one that had to make room had promised */
async function meet(
  dataDir: string,
  mayEnd: boolean,
): Promise<{ readonly running: ControlClient | null; readonly promised: boolean }> {
  try {
    return { running: await tryConnect(dataDir), promised: false };
  } catch (error) {
    if (!mayEnd || !PeerError.is(error, 'unsupported')) throw error;
    return { running: null, promised: await endOlder(dataDir, error) };
  }
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
 * @returns whether it had promised to go on when nobody uses it. @throws {PeerError} `unsupported` when it stays
 */
async function endOlder(dataDir: string, tooFar: PeerError): Promise<boolean> {
  const endpoint = readEndpoint(dataDir);
  if (endpoint === null) return false;
  const earlier = { min: 1, max: contractVersions.min - 1 };
  const client = await connectControl(endpoint, earlier).catch(() => {
    throw tooFar;
  });
  try {
    const { stays: promised } = await client.request('status', null);
    // Without a promise, only one in a terminal stays. There it is made anew by the editor that wants it.
    const { stays } = await client.request('configure', { stays: false });
    if (stays) {
      throw new PeerError('unsupported', 'A peer of an earlier version runs in a terminal.', {
        hint: 'End it there with Ctrl-C, then try again.',
        cause: tooFar,
      });
    }
    // A process that ends at once may take its answer along.
    await client.request('shutdown', null).catch((error: unknown) => {
      if (!PeerError.is(error, 'closed')) throw error;
    });
    return promised;
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
