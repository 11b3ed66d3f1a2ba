import type { Geometry } from '../../chunk/geometry.js';
import { traceLimits } from '../limits.js';
import type { ShardCheck } from '../verify.js';
import { ShareTrace } from './shareTrace.js';

/** A share that is being sent: no list has it yet. */
export interface OutgoingShare {
  readonly shareId: string;
  readonly kind: 'file' | 'folder';
  /** Bytes of all files. */
  readonly size: number;
  readonly trace: ShareTrace;
  /** Node ids by shard, as they take part now. */
  readonly holders: () => readonly string[];
}

/** What this peer has come to know of the shares that it dealt with last. */
export class Traces {
  readonly #shares = new Map<string, ShareTrace>();
  readonly #outgoing = new Map<string, OutgoingShare>();

  /** The trace of a share, begun when there is none. */
  of(shareId: string, geometry: Geometry): ShareTrace {
    const trace = this.#shares.get(shareId) ?? new ShareTrace(geometry);
    this.#shares.delete(shareId);
    this.#shares.set(shareId, trace);
    for (const oldest of this.#shares.keys()) {
      if (this.#shares.size <= traceLimits.shares) break;
      this.#shares.delete(oldest);
    }
    return trace;
  }

  find(shareId: string): ShareTrace | undefined {
    return this.#shares.get(shareId);
  }

  /** Takes over what a verification of all holders has found. */
  learn(shareId: string, geometry: Geometry, checks: readonly ShardCheck[]): void {
    const trace = this.of(shareId, geometry);
    for (const check of checks) trace.checked(check);
  }

  /** What a transfer is sending. */
  outgoing(transferId: string): OutgoingShare | undefined {
    return this.#outgoing.get(transferId);
  }

  sends(transferId: string, share: OutgoingShare): void {
    this.#outgoing.set(transferId, share);
  }

  /** The transfer is at its end, or has stopped. */
  stopped(transferId: string): void {
    this.#outgoing.get(transferId)?.trace.settle();
    this.#outgoing.delete(transferId);
  }
}
