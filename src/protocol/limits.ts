/**
 * Every bound of the wire, in one place. Sizes are bytes, times milliseconds. Checked before anything
 * is allocated; what exceeds one of a frame or a message ends the connection with `limit`. PROTOCOL.md lists those that the
 * other end can meet.
 */
const KiB = 1024;
const MiB = 1024 * KiB;

/** What one frame may hold. */
export interface FrameLimits {
  readonly message: number;
  readonly body: number;
}

/** Before the other end proved that it belongs to the group. */
export const handshakeFrame: FrameLimits = { message: 272 * KiB, body: 0 };
/** Of a joiner who waits for `admitted`: it carries roster records. Its inviter is pinned already. */
export const joiningFrame: FrameLimits = { message: MiB + 64 * KiB, body: 0 };
export const admittedFrame: FrameLimits = { message: MiB + 64 * KiB, body: 2 * MiB };

export const messageLimits = {
  /** Nesting of arrays and maps; the message itself is 1. */
  depth: 8,
  /** Values in one message, nested ones included. */
  items: 16_384,
  typeName: 32,
  chain: 64,
  recordBytes: 4 * KiB,
  addresses: 8,
  addressChars: 262,
  nameChars: 64,
  records: 1024,
  epochChars: 64,
  entries: 1024,
  entryBytes: 64 * KiB,
  /** Members of whom one answer says where they are. */
  contacts: 1024,
  manifestBytes: 64 * KiB,
  receipts: 255,
  receiptBytes: KiB,
  holders: 255,
  shards: 255,
  segments: 2 ** 26,
  /** Pages of 2,048 piece hashes of the largest shard. */
  pages: 2 ** 15,
  badChunks: 1000,
  errorChars: 500,
} as const;

export const connectionLimits = {
  /** Requests of one end that are not answered yet, and their bytes. */
  requests: 64,
  requestBytes: 32 * MiB,
  /** Output above which bodies wait, and output that ends a connection whose other end does not read. */
  highWater: 4 * MiB,
  output: 32 * MiB,
  /** Frames up to this size do not wait for the output to drain. */
  smallFrame: 16 * KiB,
  /** Room that is kept for a long answer while it is being produced. */
  longAnswer: MiB,
  /** Requests given up by this end that the other one owes an answer: more, and it is not worth keeping. */
  abandoned: 32,
  /** All input before admission. */
  handshakeBytes: 2 * MiB,
  handshakeMs: 15_000,
  requestMs: 15_000,
  /** A request that moves bytes, but never ends: this many times its deadline. */
  requestPatience: 8,
  pingMs: 15_000,
  missedPings: 2,
  /** How long a peer may be silent that is asked whether it is still there after the network changed. */
  probeMs: 5_000,
  /** How long the last words of a closing connection may take to leave. */
  lingerMs: 1_000,
} as const;

export type ConnectionLimits = Readonly<Record<keyof typeof connectionLimits, number>>;

export const transportLimits = {
  dialMs: 10_000,
  tlsHandshakeMs: 10_000,
  /** Inbound connections that are not admitted yet, in all and from one IPv4 address or IPv6 /64. */
  pending: 64,
  pendingPerNetwork: 16,
} as const;

export type TransportLimits = Readonly<Record<keyof typeof transportLimits, number>>;

/** Of what is heard and said on the local network; budgets are `burst` at once, then one every so often. */
export const discoveryLimits = {
  /** Larger packets, or with more records, are not looked at. */
  packetBytes: 4 * KiB,
  records: 64,
  packets: { burst: 60, everyMs: 50 },
  answers: { burst: 6, everyMs: 5_000 },
  /** Waits before asking again who is there; the last one for ever. Answers may be lost. */
  askAgainMs: [2_000, 8_000, 120_000],
  /** After this another name is announced. */
  renameMs: 3_600_000,
} as const;
