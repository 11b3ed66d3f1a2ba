/** The peer process: how it is, and what it is told to do. */
import type { SelfInfo } from './group.js';
import type { SpaceInfo } from './peers.js';

export interface PeerStatus {
  readonly version: string;
  readonly pid: number;
  readonly dataDir: string;
  /** `host:port` the peer listens on. */
  readonly listening: string;
  /** Whether the peer stays when no client is attached. */
  readonly stays: boolean;
  /** Absent until the data directory belongs to a group. */
  readonly self: SelfInfo | null;
  readonly peersOnline: number;
  readonly peersKnown: number;
  /** Files that are listed, each counted once, however many versions it has. */
  readonly shares: number;
  readonly storedBytes: number;
  /** What it lends to others, and what they have taken of that. */
  readonly space: SpaceInfo;
  readonly transfersRunning: number;
}

export interface Settings {
  /** Configured `host:port` addresses. */
  readonly peers?: readonly string[];
  /** `host:port`; port 0 lets the system choose. */
  readonly listen?: string;
  /** Keep serving when no client is attached. */
  readonly stays?: boolean;
  /** Bytes that others may take of the disk; null for as many as it has. */
  readonly lend?: number | null;
  /** Versions kept of a file that this peer shared, the newest among them: at least 1. */
  readonly versions?: number;
  /** Days that an older version is kept after a newer one took its place. */
  readonly versionDays?: number;
  /** What is absent stays as it is. */
  readonly upkeep?: UpkeepValues;
  /** Announce this peer on the local network, and look for members there. */
  readonly discovery?: boolean;
}

/** How a peer looks after shards. Times are milliseconds. */
export interface UpkeepValues {
  /** Between two looks whether something is to be done. */
  readonly everyMs?: number;
  /** How long a shard has to be missing before it is made anew. */
  readonly patienceMs?: number;
  /** How much longer each further holder waits for its turn to see to that. */
  readonly turnMs?: number;
  /** How long a holder may be away that promised to stay. */
  readonly graceMs?: number;
  /** And any other. */
  readonly graceOthersMs?: number;
  /** Of what nobody waits for. */
  readonly bytesPerSecond?: number;
  /** In which everything that is stored is re-read once. */
  readonly scrubMs?: number;
}
