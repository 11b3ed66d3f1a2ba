/** Entry of every thread of a peer: one bundle, and the role decides. */
import { parentPort, workerData } from 'node:worker_threads';
import { runTransferWorker, type TransferWorkerData } from './peer/jobs/runTransferWorker.js';
import { runStoreWorker, type StoreWorkerRole } from './store/worker.js';

const data = workerData as TransferWorkerData | { readonly role: StoreWorkerRole };
if (parentPort === null) throw new Error('This file is started as a worker thread only.');
if (data.role === 'transfer') runTransferWorker(parentPort, data);
else runStoreWorker(data.role, parentPort, data);
