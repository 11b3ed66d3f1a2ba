/** Entry of every thread of a peer: one bundle, and the role decides. */
import { parentPort, workerData } from 'node:worker_threads';
import { runTransferWorker, type TransferWorkerData } from './peer/jobs/runTransferWorker.js';
import { runReadWorker, type ReadWorkerData } from './peer/read/runReadWorker.js';
import { runStoreWorker, type StoreWorkerData } from './store/worker.js';

// Handed over by the main thread of the same build.
const data = workerData as TransferWorkerData | ReadWorkerData | StoreWorkerData;
if (parentPort === null) throw new Error('This file is started as a worker thread only.');
if (data.role === 'transfer') runTransferWorker(parentPort, data);
else if (data.role === 'read') runReadWorker(parentPort, data);
else runStoreWorker(parentPort, data);
