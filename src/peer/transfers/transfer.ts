import type { ErrorInfo } from '../../common/errors.js';
import type { TransferTask } from './task.js';

export type TransferKind = 'share' | 'get' | 'verify' | 'repair' | 'leave';

/** A transfer as it stands: plain data, a new object at every change. */
export interface Transfer {
  readonly transferId: string;
  readonly kind: TransferKind;
  readonly name: string;
  readonly shareId: string | null;
  readonly path: string | null;
  /** `waiting`: for peers that went away; it goes on when they are back. */
  readonly state: 'running' | 'waiting' | 'paused' | 'done' | 'failed' | 'cancelled';
  /** Whether it can be gone on with where it stopped: paused, or failed with something to show for it. */
  readonly resumable: boolean;
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly bytesPerSecond: number;
  readonly peers: number;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly error: ErrorInfo | null;
}

export type TransferStart = Pick<Transfer, 'transferId' | 'kind' | 'name' | 'path'>;

/** What a running transfer tells of itself. */
export interface TransferProgress {
  readonly signal: AbortSignal;
  readonly named: (facts: { readonly shareId?: string; readonly name?: string }) => void;
  readonly moved: (done: number, total: number, peers: number) => void;
  /** Whether it will be tried again after this error, or later: then nothing of it is to be undone. */
  readonly goesOn: (error: unknown) => boolean;
}

/** What is kept of a transfer on the disk. */
export interface ResumableTask {
  readonly transferId: string;
  readonly startedAt: number;
  readonly task: TransferTask;
  /** Of no kind that a list of transfers knows; null until something is worth keeping. */
  readonly draft: unknown;
  /** From now on it is written, in a while. */
  begin(): void;
  setPaused(paused: boolean): Promise<void>;
  /** It is at its end, or given up. */
  drop(): Promise<void>;
}

/** Of a transfer that outlives its interruptions. */
export interface Keeping {
  readonly task: ResumableTask;
  /** Nobody waits for its answer: it goes on from an earlier run of the peer. */
  readonly isUnattended: boolean;
  /** Undoes what is kept of it: nobody goes on. */
  readonly discard: () => Promise<void>;
}

export function newTransfer(start: TransferStart): Transfer {
  return {
    ...start,
    shareId: null,
    state: 'running',
    resumable: false,
    bytesDone: 0,
    bytesTotal: 0,
    bytesPerSecond: 0,
    peers: 0,
    startedAt: Date.now(),
    endedAt: null,
    error: null,
  };
}
