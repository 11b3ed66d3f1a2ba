/** What the thread is given. */
export interface FuzzTask {
  /** By name, in order. */
  readonly targets: readonly string[];
  /** For each target. */
  readonly seconds: number;
  readonly seed: number;
  readonly blind: boolean;
  /** Whether the corpus on the disk is used and added to. */
  readonly keeps: boolean;
  readonly watched: SharedArrayBuffer;
}

export interface Finding {
  readonly input: Uint8Array;
  readonly reason: string;
}

export interface TargetReport {
  readonly target: string;
  readonly runs: number;
  /** Inputs from which mutation goes on. */
  readonly corpus: number;
  /** Blocks of the product that ran: by seeds and earlier inputs alone, and in the end. */
  readonly blocksAtFirst: number;
  readonly blocks: number;
  readonly finding?: Finding;
}

export type FuzzMessage =
  { readonly kind: 'begun'; readonly target: string } | ({ readonly kind: 'done' } & TargetReport);
