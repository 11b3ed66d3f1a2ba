import type { MessagePort } from 'node:worker_threads';
import { PeerError } from '../common/errors.js';
import { type FromWorker, toWireError } from './rpc.js';
import { runShardWorker, type ShardWorkerData } from './shards/shardWorker.js';
import { stateError } from './sqliteError.js';
import { runStateWorker, type StateWorkerData } from './state/stateWorker.js';

/** Roles of a worker that belong to the store. */
export type StoreWorkerRole = 'state' | 'shards';

/** Entry of the store's workers; `workerData` is what openStore gave, and ends when asked or terminated. */
export function runStoreWorker(
  role: StoreWorkerRole,
  port: MessagePort,
  workerData: unknown,
): void {
  try {
    // Handed over by openStore of the same build.
    if (role === 'state') runStateWorker(port, workerData as StateWorkerData);
    else runShardWorker(port, workerData as ShardWorkerData);
  } catch (error) {
    const typed = error instanceof PeerError ? error : stateError(error);
    port.postMessage({ type: 'failed', error: toWireError(typed) } satisfies FromWorker);
    port.close();
  }
}
