/** What is under way, whatever it does. */
import type { ErrorInfo } from '../../common/errors.js';

export type TransferKind = 'share' | 'get' | 'verify' | 'repair' | 'leave';

/** `waiting`: for peers that went away; it goes on when they are back, or fails after a minute. */
export type TransferState = 'running' | 'waiting' | 'paused' | 'done' | 'failed' | 'cancelled';

export interface TransferInfo {
  readonly transferId: string;
  readonly kind: TransferKind;
  /** File name; empty where it is of all files (`verify`, `repair`), or of what this peer holds (`leave`). */
  readonly name: string;
  readonly shareId: string | null;
  /** Local path: source of a share, target of a get. */
  readonly path: string | null;
  readonly state: TransferState;
  /** Whether `resume` goes on where it stopped: it is paused, or failed with something to show for it. */
  readonly resumable: boolean;
  /**
   * Of the file, read and on its way to the holders (`share`), or written here (`get`); of all its shards together,
   * re-read by their holders (`verify`); of the shard that is being made (`repair`); of what this peer
   * held, and has looked after (`leave`). Equal to the total once it is done.
   */
  readonly bytesDone: number;
  /** Size of the file, or of what is counted above; 0 until it is known. */
  readonly bytesTotal: number;
  /** Of `bytesDone`, on average since the start. */
  readonly bytesPerSecond: number;
  /** Peers that take part right now. */
  readonly peers: number;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly error: ErrorInfo | null;
}
