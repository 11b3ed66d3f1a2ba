/**
 * The contract between a peer process and its clients (editor windows, terminal), spoken as JSON-RPC over a Unix socket
 * or named pipe: what can be asked for and what is told, here; its values by subject, in `contract/`. Types and bounds
 * only: all values are plain JSON. Ids are lower-case hex: node ids 64 digits, share ids 32. Sizes are bytes, times are
 * milliseconds since 1970.
 */
import type { GridParams, ShareGrid, ShareMap } from './contract/chunkMap.js';
import type { Diagnosis } from './contract/doctor.js';
import type {
  EntriesParams,
  EntryInfo,
  GetParams,
  GetResult,
  ReadParams,
  ReadResult,
} from './contract/fetching.js';
import type { InviteResult, Role, SelfInfo } from './contract/group.js';
import type {
  LeaveOutlook,
  LeaveParams,
  LeaveResult,
  OutlookParams,
  PeerRisk,
} from './contract/leaving.js';
import type { PeerInfo } from './contract/peers.js';
import type { PeerStatus, Settings } from './contract/process.js';
import type { RepairParams, RepairResult } from './contract/repair.js';
import type {
  DeleteParams,
  DeleteResult,
  FindParams,
  ListParams,
  ListedShare,
  ShareInfo,
  ShareOfPath,
} from './contract/shares.js';
import type { GitInfo, ShareParams, ShareResult } from './contract/sharing.js';
import type { TransferInfo } from './contract/transfers.js';
import type {
  VerifyAllParams,
  VerifyAllResult,
  VerifyParams,
  VerifyResult,
} from './contract/verify.js';

export type { ErrorCode, ErrorInfo } from '../common/errors.js';
export * from './contract/chunkMap.js';
export type * from './contract/doctor.js';
export * from './contract/fetching.js';
export type * from './contract/group.js';
export type * from './contract/leaving.js';
export type * from './contract/peers.js';
export type * from './contract/process.js';
export type * from './contract/repair.js';
export type * from './contract/shares.js';
export * from './contract/sharing.js';
export type * from './contract/transfers.js';
export type * from './contract/verify.js';

/** Versions of the contract: the two ends settle on the highest in common. */
export interface VersionRange {
  readonly min: number;
  readonly max: number;
}

/** What this code speaks. A newer program ends an older peer: what that takes of `configure` and `shutdown` never changes. */
export const contractVersions: VersionRange = { min: 2, max: 2 };

/** Requests of a client, by method name: parameters and result. */
export interface ControlRequests {
  status: { params: null; result: PeerStatus };
  /** Applies and stores settings of the data directory. */
  configure: { params: Settings; result: PeerStatus };
  createGroup: { params: { name: string; groupName: string }; result: SelfInfo };
  join: { params: { code: string; name: string }; result: SelfInfo };
  invite: { params: { validForMs?: number; role?: Role }; result: InviteResult };
  /** A member by name, node id, or the start of one (at least 6 digits). @throws not-found, ambiguous */
  findPeer: { params: { peer: string }; result: PeerInfo };
  /**
   * Ends a membership for good, with a new key for all others. Admins can. What the removed one has read or stored it
   * keeps, with the keys up to now. @throws not-found, not-trusted, usage for the founder and for this peer itself
   */
  remove: { params: { nodeId: string }; result: null };
  /** Declares that nothing is left of what a member held: it is made anew at once. Admins can; final. @throws as `remove` */
  lost: { params: { nodeId: string }; result: null };
  peers: { params: null; result: { peers: readonly PeerInfo[] } };
  /** Tries to reach all known peers now and answers when each attempt has ended. */
  connect: { params: null; result: { peers: readonly PeerInfo[] } };
  /** Tries every address of everybody, and has those that are there dial back. Takes some seconds. */
  diagnose: { params: null; result: Diagnosis };
  /**
   * One page of shares, older versions left out, newest first. `cursor` of the page before, null for the first.
   * `name`: those only whose name has this text somewhere, 1 to 255 characters, ASCII letters in either case.
   */
  shares: {
    params: { cursor: string | null; limit: number; name?: string };
    result: { shares: readonly ShareInfo[]; cursor: string | null };
  };
  /** The same in short, for long lists: each share once, also while others come in. @throws usage for a wrong cursor */
  list: {
    params: ListParams;
    result: { shares: readonly ListedShare[]; cursor: string | null };
  };
  /** @throws not-found, ambiguous (details.choices: {shareId, name, authorName, createdAt}[]) */
  find: { params: FindParams; result: ShareInfo };
  /** All versions of a file by the author of the one that is named, newest first; at most 1,000. @throws as `find` */
  versions: { params: { share: string }; result: { versions: readonly ListedShare[] } };
  /**
   * What was shared of an absolute path, by this peer: its newest version, and those of the folders that it lies in, from
   * the inside out; then what else was shared under its name, newest first. @throws not-found when there is nothing here
   */
  sharesOf: { params: { path: string }; result: { shares: readonly ShareOfPath[] } };
  map: { params: { share: string }; result: ShareMap };
  /** What is known of a share now; of its transfers, only those of this peer. Costs little: it may be asked for again and again. @throws as `find` */
  grid: { params: GridParams; result: ShareGrid };
  /** What hangs on each peer, those left out on whom nothing does. Thousands of shares take a moment. */
  risk: { params: null; result: { peers: readonly PeerRisk[] } };
  /** Whether a peer can leave, this one included. @throws not-found for who is no member */
  outlook: { params: OutlookParams; result: LeaveOutlook };
  /** Goes on with what a share or get left that asked for the same, and failed. */
  share: { params: ShareParams; result: ShareResult };
  get: { params: GetParams; result: GetResult };
  /**
   * One page of what is in a share, in the order of its tree, and what was checked out in git where it was shared. Only
   * the tree is fetched.
   */
  entries: {
    params: EntriesParams;
    result: { entries: readonly EntryInfo[]; cursor: number | null; git: GitInfo | null };
  };
  /** A part of a file: only the segments that it touches are fetched. @throws not-found, not-a-file */
  read: { params: ReadParams; result: ReadResult };
  verify: { params: VerifyParams; result: VerifyResult };
  /** Everything that is listed, older versions left out, one after the other. */
  verifyAll: { params: VerifyAllParams; result: VerifyAllResult };
  /**
   * Ends a share for the whole group, for good. Its author can, and admins. @throws not-found, ambiguous as `find`;
   * not-trusted for others
   */
  delete: { params: DeleteParams; result: DeleteResult };
  /** Has the shards made that are missing, without waiting for its turn. */
  repair: { params: RepairParams; result: RepairResult };
  /** Brings what this peer holds to others, and lets it take nothing more once that is done. */
  leave: { params: LeaveParams; result: LeaveResult };
  /** Undoes `leave`: it takes shards again. */
  rejoin: { params: null; result: null };
  transfers: { params: null; result: { transfers: readonly TransferInfo[] } };
  /** Ends a transfer and leaves nothing behind; also one that is paused, or could be resumed. */
  cancel: { params: { transferId: string }; result: null };
  /**
   * Stops a share or get until `resume`, after a restart of the peer, too. The call that started it goes on waiting.
   * @throws not-found, usage for what cannot be stopped half-way
   */
  pause: { params: { transferId: string }; result: null };
  /** Goes on where it stopped; answers at once. @throws not-found, usage when nothing is left of it */
  resume: { params: { transferId: string }; result: null };
  /** Forgets ended transfers. */
  clearTransfers: { params: null; result: null };
  /** Ends the peer process cleanly. */
  shutdown: { params: null; result: null };
}

/** Notifications of the peer process to every attached client. */
export interface ControlEvents {
  /** What a view may have to read again. Batched: at most 4 a second. */
  changed: { readonly topics: readonly ('peers' | 'shares' | 'status')[] };
  /** A transfer started, moved or ended. At most 4 a second for each, and always the last. */
  transfer: TransferInfo;
}

export type ControlMethod = keyof ControlRequests;

export type ControlEventName = keyof ControlEvents;

/** What a client holds: the same calls, typed. Rejections are `PeerError`. */
export interface ControlClient {
  readonly peerVersion: string;
  request<M extends ControlMethod>(
    method: M,
    params: ControlRequests[M]['params'],
    signal?: AbortSignal,
  ): Promise<ControlRequests[M]['result']>;
  on<E extends ControlEventName>(
    event: E,
    listener: (value: ControlEvents[E]) => void,
  ): { dispose(): void };
  /** Called once when the channel ends, for whatever reason. */
  onClose(listener: () => void): { dispose(): void };
  dispose(): void;
}

/** How a client gets to a peer: attach to the one that runs for the data directory, or start one. */
export interface AttachOptions {
  readonly dataDir: string;
  /** Folder that holds the bundles of this build, and `kernel.wasm`: see `control/runtime.ts`. */
  readonly runtimeDir: string;
  /** Start a background peer when none runs. */
  readonly start: boolean;
  readonly signal?: AbortSignal;
}
