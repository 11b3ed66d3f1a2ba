/** Bounds between the peer process and its clients. Sizes are bytes, times milliseconds. */

/** What is answered to a client. */
export const serviceLimits = {
  /** Links that a warning names. */
  namedLinks: 10,
  /** Versions of one file. */
  versions: 1000,
  /** How long a page of the list that was looked up ahead waits to be asked for. */
  aheadMs: 1_000,
  /** How long an invite holds unless told otherwise. */
  inviteMs: 24 * 60 * 60 * 1000,
  /** Cells of one grid: shares of very many shards get fewer columns. */
  gridCells: 16_384,
  /** Clocks that are so far apart end invites early or late, and put versions in a wrong order. */
  clockMs: 60_000,
} as const;

/** The socket between a peer process and its clients. */
export const channelLimits = {
  /** A client that has not proved the secret by then is shown out. */
  greetingMs: 5_000,
  /** Bytes that are kept of a client that has not proved the secret: a greeting takes a few hundred. */
  greetingBytes: 64 * 1024,
  /** Clients of one peer at a time. */
  clients: 64,
  /** What has arrived when the channel ends is read within this time. */
  lastAnswersMs: 50,
} as const;

/** When a peer process starts and ends. */
export const processLimits = {
  /** A client that comes back at once, as after a reload, finds the same peer. */
  idleMs: 1_500,
  /** A client that started this peer should have attached by then. */
  firstClientMs: 30_000,
  /** Memory of pieces that is kept for the next ones, bytes: what a transfer has in flight, about. */
  idleMemory: 24 << 20,
  /** News for clients are gathered for so long. */
  batchMs: 250,
  /** The answer to `shutdown` leaves before the channel closes: without it, the client sees a failure. */
  farewellMs: 50,
  /** A peer that ends still writes: the one that follows waits so long for the data directory. */
  takeOverMs: 10_000,
  /** And looks so often whether it is free. */
  takeOverEveryMs: 100,
  /** A log of a peer in the background that is longer is put aside when the next one starts. */
  logBytes: 4 << 20,
  /** A copy of the runtime that nobody runs from is kept for so long. */
  runtimeKeptMs: 60 * 60_000,
  /** How long a fresh peer may take until it answers. */
  startMs: 20_000,
} as const;
