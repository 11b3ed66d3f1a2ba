import { Worker } from 'node:worker_threads';
import { freshMemory } from '../common/memory.js';
import { diskError, ensureDirectory, layoutOf } from './layout.js';
import { ShardClient } from './shards/shardClient.js';
import type { ShardHandlers } from './shards/shardWorker.js';
import { createStateClient } from './state/stateClient.js';
import type { StateHandlers } from './state/handlers.js';
import type { OpenStoreOptions, RecoveryReport, Store } from './store.js';
import type { StoreWorkerData } from './worker.js';
import { WorkerClient, type WorkerEnd } from './workerClient.js';

/** Starts the code of worker.ts. */
export type StartWorker = (workerPath: string, workerData: StoreWorkerData) => WorkerEnd;

/** Rows come and go: without a bound they would be left lying in three times 16 MiB. */
const stateLimits = { maxYoungGenerationSizeMb: 8 };

/**
 * Opens the store of a data directory, whose lock the caller holds (see lock.ts).
 *
 * @param start - in threads, if nothing else is given
 * @throws {PeerError} `unsupported` when a newer version made the database, `disk`, `disk-full`
 */
export async function openStore(
  options: OpenStoreOptions,
  start: StartWorker = startThread,
): Promise<Store> {
  const { dataDir, workerPath, kernel } = options;
  try {
    ensureDirectory(dataDir);
  } catch (error) {
    throw diskError(error);
  }
  const state = new WorkerClient<StateHandlers>(start(workerPath, { role: 'state', dataDir }));
  const shards = new ShardClient(
    layoutOf(dataDir),
    options.memory ?? freshMemory,
    () => new WorkerClient<ShardHandlers>(start(workerPath, { role: 'shards', dataDir, kernel })),
  );
  try {
    // From the worker of this build.
    const recovery = (await state.ready()) as RecoveryReport | null;
    return {
      state: createStateClient(state),
      shards,
      recovery,
      close: async () => {
        await Promise.all([shards.close(), state.close()]);
      },
      dispose: () => {
        shards.dispose();
        state.dispose();
      },
    };
  } catch (error) {
    await state.close();
    throw error;
  }
}

/** No flags of the parent (loaders, inspectors) and none of its environment are wanted in there. */
const startThread: StartWorker = (workerPath, workerData) =>
  new Worker(workerPath, {
    workerData,
    execArgv: [],
    env: {},
    ...(workerData.role === 'state' && { resourceLimits: stateLimits }),
  });
