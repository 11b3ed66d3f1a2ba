import type { MessagePort } from 'node:worker_threads';
import { PeerError } from '../common/errors.js';
import { type FromWorker, toWireError } from './rpc.js';
import { runShardWorker, type ShardWorkerData } from './shards/shardWorker.js';
import { stateError } from './sqliteError.js';
import { runStateWorker, type StateWorkerData } from './state/stateWorker.js';

/** What a worker of the store is told when it starts. */
export type StoreWorkerData =
  ({ readonly role: 'state' } & StateWorkerData) | ({ readonly role: 'shards' } & ShardWorkerData);

/** Entry of the store's workers, which end when asked or terminated. */
export function runStoreWorker(port: MessagePort, workerData: StoreWorkerData): void {
  try {
    if (workerData.role === 'state') runStateWorker(port, workerData);
    else runShardWorker(port, workerData);
  } catch (error) {
    const typed = PeerError.is(error) ? error : stateError(error);
    port.postMessage({ type: 'failed', error: toWireError(typed) } satisfies FromWorker);
    port.close();
  }
}
