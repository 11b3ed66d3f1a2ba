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
import type { Fact } from '../store.js';
import { type StateHandlers, stateHandlers } from './handlers.js';
import { openDatabase } from './openDatabase.js';
import type { RecoveryLog } from './recoveryLog.js';
import { Reserve } from './reserve.js';
import { stateLimits } from '../limits.js';

export interface StateWorkerData {
  readonly dataDir: string;
}

/** Owns the database: runs calls in order, those that wait together in one transaction. */
export function runStateWorker(port: MessagePort, { dataDir }: StateWorkerData): void {
  const { database, recovery, report } = openDatabase(dataDir);
  const reserve = new Reserve(layoutOf(dataDir).reserve);
  const runner = new BatchRunner(database, recovery, reserve, () => {
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
      next = closing || calls.length >= stateLimits.batch ? undefined : waitingMessage(port);
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

/** Runs what waits in one transaction; where the disk is full, what ends shares has room left to be written. */
export class BatchRunner {
  readonly #handlers: StateHandlers;

  constructor(
    private readonly database: DatabaseSync,
    private readonly recovery: Pick<
      RecoveryLog,
      'addRecord' | 'addSetting' | 'flush' | 'mark' | 'rollback' | 'size' | 'cutBack'
    >,
    private readonly reserve: Pick<Reserve, 'give' | 'fill'>,
    private readonly onDamage: () => void,
  ) {
    this.#handlers = stateHandlers(database, recovery);
  }

  run(calls: readonly CallMessage[]): Reply[] {
    const replies = this.#run(calls);
    const refused = new Set(replies.filter(isFull).map(({ id }) => id));
    const ending = calls.filter((call) => refused.has(call.id) && endsShares(call));
    if (ending.length === 0 || !this.reserve.give()) return replies;
    const again = new Map(this.#run(ending).map((reply) => [reply.id, reply]));
    this.reserve.fill();
    return replies.map((reply) => again.get(reply.id) ?? reply);
  }

  #run(calls: readonly CallMessage[]): Reply[] {
    const { size } = this.recovery;
    try {
      this.database.exec('BEGIN');
      const replies = calls.map((call) => this.#runOne(call));
      this.recovery.flush();
      this.database.exec('COMMIT');
      return replies;
    } catch (error) {
      // Nothing of the batch is durable: every caller learns it, also those who only read.
      this.recovery.cutBack(size);
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

function isFull(reply: Reply): boolean {
  return 'error' in reply && reply.error.code === 'disk-full';
}

/** Whether a call takes tombstones: they have to be taken on a full disk most of all. */
function endsShares({ method, args }: CallMessage): boolean {
  const name: keyof StateHandlers = 'take';
  if (method !== name) return false;
  const [facts] = args as readonly [readonly Fact[]];
  return facts.some(({ kind }) => kind === 'tombstone');
}
