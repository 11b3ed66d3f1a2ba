import type { FileIdentity } from './fileIdentity.js';

/** From the first segment to fetch to the one behind the last. */
export type SegmentRun = readonly [first: number, end: number];

export interface Written {
  /** Of the one file; null for several. */
  readonly sha256: Uint8Array | null;
  readonly bytes: number;
  /** Files, folders and links. */
  readonly entries: number;
  /** Paths of links that were not made, because they would lead out of the target. */
  readonly leftOut: readonly string[];
}

/** The segments of some runs, numbered as they come. */
export class SegmentOrder {
  readonly length: number;

  constructor(private readonly runs: readonly SegmentRun[]) {
    this.length = runs.reduce((sum, [first, end]) => sum + end - first, 0);
  }

  /** @throws RangeError beyond the end */
  at(index: number): number {
    let left = index;
    for (const [first, end] of this.runs) {
      if (left < end - first) return first + left;
      left -= end - first;
    }
    throw new RangeError('There is no such segment.');
  }

  has(segment: number): boolean {
    return this.runs.some(([first, end]) => segment >= first && segment < end);
  }

  /** @throws RangeError for a segment of no run */
  indexOf(segment: number): number {
    let before = 0;
    for (const [first, end] of this.runs) {
      if (segment >= first && segment < end) return before + segment - first;
      before += end - first;
    }
    throw new RangeError('There is no such segment.');
  }
}

/** Where the bytes of a download go. */
export interface TargetSink {
  /** What has to be fetched, ascending. */
  readonly runs: readonly SegmentRun[];
  /** Bytes of files that will be written. */
  readonly total: number;
  /** Bytes of files that are verified in their order. */
  readonly done: number;
  /** Whether a segment can be read again as soon as it has arrived; if not, when it came in its turn. */
  readonly writesOnArrival: boolean;
  /** Of the file or folder that is written until all is verified. */
  readonly identity: FileIdentity;
  /**
   * A segment of the stream as it comes, in any order; `plaintext` is padded at the end, and must stay as it is until
   * the promise settles.
   */
  arrived(position: number, plaintext: Uint8Array): Promise<void>;
  /**
   * The same segments, in their order.
   *
   * @param kept it was read again, and is not written once more
   */
  inOrder(position: number, plaintext: Uint8Array, kept: boolean): void;
  /**
   * Reads a segment again that an earlier run has written. @returns whether all of it is there; it may be something else
   */
  reread(position: number, target: Uint8Array): boolean;
  /**
   * All segments came, and every promise of `arrived` was kept: checks what was not checked yet, and gives the target
   * its name. @throws PeerError `integrity`, `exists`
   */
  finish(): Written;
  /** Removes what is not finished, unless it is to be kept, as soon as nothing is being written any more. Idempotent. */
  close(keep: boolean): void;
}
