import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { StateStore } from '../../store/store.js';
import { transferLimits } from '../limits.js';
import type { ResumableTask } from './transfer.js';
import { encodeTask, type DraftOf, type TaskOf, type TransferTask } from './task.js';

/** What a transfer keeps of itself to go on with, after a restart of the peer, too. */
export interface Kept<Draft> {
  /** Null until something is worth keeping. */
  readonly draft: Draft | null;
  /** Durable when it resolves; null begins anew. */
  save(draft: Draft | null): Promise<void>;
  /** The same of what is over soon: durable only if the task is by now, which it becomes in a while. */
  note(draft: Draft): Promise<void>;
  /** Whether this is from an earlier run, which may have come to its end, and not to tell of it. */
  readonly hasRun: boolean;
  /** Absolute path of its journal, there or not. */
  readonly journal: string;
}

export type TransferRows = Pick<StateStore, 'putTransfer' | 'dropTransfer' | 'transfers'>;

/** The task of a transfer that is only just asked for. */
export function freshTask<K extends TransferTask['kind']>(
  asked: Omit<TaskOf<K>, 'paused' | 'journal' | 'draft'>,
): TaskOf<K> {
  const journal = `${randomBytes(8).toString('hex')}.seals`;
  return { ...asked, paused: false, journal, draft: null } as unknown as TaskOf<K>;
}

/** A transfer in the state of the data directory, with its journal, as long as it is not at its end. */
export class KeptTask<K extends TransferTask['kind']> implements Kept<DraftOf<K>>, ResumableTask {
  #task: TaskOf<K>;
  #timer: NodeJS.Timeout | undefined;
  #written: boolean;
  #writing: Promise<void> = Promise.resolve();
  readonly startedAt: number;
  readonly hasRun: boolean;

  constructor(
    private readonly rows: TransferRows,
    /** Where journals lie. */
    private readonly folder: string,
    readonly transferId: string,
    task: TaskOf<K>,
    /** Null for one that is not there yet. */
    startedAt: number | null,
  ) {
    this.#task = task;
    this.#written = this.hasRun = startedAt !== null;
    this.startedAt = startedAt ?? Date.now();
  }

  get task(): TaskOf<K> {
    return this.#task;
  }

  get draft(): DraftOf<K> | null {
    return this.#task.draft as DraftOf<K> | null;
  }

  get journal(): string {
    return path.join(this.folder, this.#task.journal);
  }

  /** From now on it is written, in a while. */
  begin(): void {
    if (this.#written || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#write().catch(() => undefined); // what has to be kept is saved, and tells
    }, transferLimits.writeAfterMs).unref();
  }

  async save(draft: DraftOf<K> | null): Promise<void> {
    this.#task = { ...this.#task, draft };
    await this.#write();
  }

  async note(draft: DraftOf<K>): Promise<void> {
    this.#task = { ...this.#task, draft };
    if (this.#written) await this.#write();
  }

  async setPaused(paused: boolean): Promise<void> {
    if (this.#task.paused === paused) return;
    this.#task = { ...this.#task, paused };
    await this.#write();
  }

  /** It is at its end, or given up. */
  async drop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#writing.catch(() => undefined);
    // In this order: without its journal, a task that is still there would be begun anew.
    if (this.#written) await this.rows.dropTransfer(this.transferId);
    this.#written = false;
    await rm(this.journal, { force: true });
  }

  #write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#written = true;
    const { transferId, startedAt } = this;
    this.#writing = this.rows.putTransfer({ transferId, startedAt, task: encodeTask(this.#task) });
    return this.#writing;
  }
}
