/**
 * Bounds of what a peer keeps and waits for, beside those of the wire in `protocol/limits.ts`. Sizes are bytes,
 * times milliseconds.
 */

/** Reaching members, and staying connected. */
export const meshLimits = {
  /** Addresses that are kept of one member, and that this peer tells of itself. */
  addresses: 8,
  /** Hearsay goes behind so many of those that are known, so that there is always room for it. */
  firmAddresses: 4,
  /** Addresses at which members were just heard on the local network, for each member. */
  heardAddresses: 2,
  /** Dials under way at a time, whomever they are for. */
  dials: 16,
  /** Until a dialled address has proved a key, and until it has answered the greeting. */
  dialMs: 5_000,
  helloMs: 10_000,
  /** The wait before another attempt is drawn below a ceiling that doubles from the first to the last of these. */
  backoffFirstMs: 1_000,
  backoffLastMs: 60_000,
  /** And is never shorter: whoever lets this peer in and hangs up is not dialled in a circle. */
  backoffLeastMs: 100,
  /** A connection that lasted so long has proved that it is worth dialling at once. */
  steadyMs: 30_000,
  /** Two connections of one member that begin within this time were dialled at once; else the older one is dead. */
  simultaneousMs: 15_000,
  /** Dials of what was heard: whoever floods the local network makes this peer dial no more often. */
  heardDials: { burst: 30, everyMs: 2_000 },
  /** One address that was heard is not tried again sooner. */
  heardAgainMs: 30_000,
  /** How long a fresh peer waits for answers on the local network while members are missing. */
  firstAnswersMs: 1_000,
} as const;
