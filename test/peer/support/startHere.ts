import { EventEmitter } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { StartWorker } from '../../../src/store/openStore.js';
import type { ToWorker } from '../../../src/store/rpc.js';
import { runStoreWorker } from '../../../src/store/worker.js';
import type { WorkerEnd } from '../../../src/store/workerClient.js';

/**
 * Runs a worker of the store in this thread, behind the same messages: a thread takes longer to start than most
 * tests to run. The tests of the store have theirs in threads.
 */
export const startHere: StartWorker = (_workerPath, workerData) => {
  const { port1, port2 } = new MessageChannel();
  runStoreWorker(port2, workerData);
  return new PortEnd(port1);
};

class PortEnd extends EventEmitter implements WorkerEnd {
  constructor(private readonly port: MessagePort) {
    super();
    port.on('message', (message) => this.emit('message', message));
    port.once('close', () => this.emit('exit'));
  }

  postMessage(message: ToWorker): void {
    this.port.postMessage(message);
  }

  terminate(): Promise<void> {
    this.port.close();
    return Promise.resolve();
  }
}
