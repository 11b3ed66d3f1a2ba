import type { DatabaseSync } from 'node:sqlite';
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { ensureFile, layoutOf } from '../layout.js';
import {
  type CallMessage,
  type FromWorker,
  type Reply,
  toWireError,
  type ToWorker,
} from '../rpc.js';
import { isDamage, stateError } from '../sqliteError.js';
import { type StateHandlers, stateHandlers } from './handlers.js';
import { openDatabase } from './openDatabase.js';
import type { RecoveryLog } from './recoveryLog.js';

export interface StateWorkerData {
  readonly dataDir: string;
}

/** Calls that share one transaction and so one fsync, at most. */
const maxBatch = 1024;

/** Owns the database: runs calls in order, those that wait together in one transaction. */
export function runStateWorker(port: MessagePort, { dataDir }: StateWorkerData): void {
  const { database, recovery, report } = openDatabase(dataDir);
  const runner = new BatchRunner(database, recovery, () => {
    ensureFile(layoutOf(dataDir).suspect);
  });
  const close = (): void => {
    database.close();
    recovery.close();
    port.close();
  };
  port.on('message', (message: ToWorker) => {
    const calls: CallMessage[] = [];
    let next: ToWorker | undefined = message;
    let closing = false;
    while (next !== undefined) {
      if (next.type === 'calls') calls.push(...next.calls);
      closing ||= next.type === 'close';
      // Group commit: what arrived during the last transaction joins this one.
      next = closing || calls.length >= maxBatch ? undefined : waitingMessage(port);
    }
    if (calls.length > 0) {
      port.postMessage({ type: 'replies', replies: runner.run(calls) } satisfies FromWorker);
    }
    if (closing) close();
  });
  port.postMessage({ type: 'ready', info: report } satisfies FromWorker);
}

function waitingMessage(port: MessagePort): ToWorker | undefined {
  const received = receiveMessageOnPort(port) as { message: ToWorker } | undefined;
  return received?.message;
}

class BatchRunner {
  readonly #handlers: StateHandlers;

  constructor(
    private readonly database: DatabaseSync,
    private readonly recovery: RecoveryLog,
    private readonly onDamage: () => void,
  ) {
    this.#handlers = stateHandlers(database, recovery);
  }

  run(calls: readonly CallMessage[]): Reply[] {
    try {
      this.database.exec('BEGIN');
      const replies = calls.map((call) => this.#runOne(call));
      this.recovery.flush();
      this.database.exec('COMMIT');
      return replies;
    } catch (error) {
      // Nothing of the batch is durable: every caller learns it, also those who only read.
      this.recovery.rollback(0);
      if (this.database.isTransaction) this.database.exec('ROLLBACK');
      if (isDamage(error)) this.onDamage();
      const wire = toWireError(stateError(error));
      return calls.map(({ id }) => ({ id, error: wire }));
    }
  }

  #runOne({ id, method, args }: CallMessage): Reply {
    const mark = this.recovery.mark();
    this.database.exec('SAVEPOINT call');
    try {
      const handler = this.#handlers[method as keyof StateHandlers] as (
        ...args: readonly unknown[]
      ) => unknown;
      const value = handler(...args);
      this.database.exec('RELEASE call');
      return { id, value };
    } catch (error) {
      // A full or broken disk has ended the whole transaction.
      if (!this.database.isTransaction || isDamage(error)) throw error;
      this.database.exec('ROLLBACK TO call; RELEASE call');
      this.recovery.rollback(mark);
      return { id, error: toWireError(stateError(error)) };
    }
  }
}
