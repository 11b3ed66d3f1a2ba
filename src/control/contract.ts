/**
 * The contract between a peer process and its clients (editor windows, terminal), spoken as JSON-RPC
 * over a Unix socket or named pipe. Types and bounds only: all values are plain JSON. Ids are lower-case hex:
 * node ids 64 digits, share ids 32. Sizes are bytes, times are milliseconds since 1970.
 */
import type { ErrorCode, ErrorInfo } from '../common/errors.js';

export type { ErrorCode, ErrorInfo };

/** Range of contract versions that this code speaks; the two ends settle on the highest in common. */
export const contractVersions = { min: 1, max: 1 } as const;

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

/** Bytes of shard files. */
export interface SpaceInfo {
  /** Null for as much as the disk has room for. */
  readonly lends: number | null;
  readonly used: number;
}

/** `storage`: holds pieces and reads nothing. An `admin` also says who belongs to the group. */
export type Role = 'storage' | 'member' | 'admin';

export interface SelfInfo {
  readonly nodeId: string;
  /** Grouped base32 with check characters, for people. */
  readonly nodeIdText: string;
  readonly name: string;
  readonly groupId: string;
  readonly groupName: string;
  readonly admin: boolean;
  readonly role: Role;
  /** In words, why it is no member any more; null while it is one. What lies here stays. */
  readonly removed: string | null;
}

export type PeerState =
  | 'self'
  | 'online'
  | 'connecting'
  | 'offline'
  | 'blocked' // another identity answers at its address
  | 'removed' // no member any more: removed, or suspended; `problem` says why
  | 'unknown'; // a configured address where no member was met yet

export interface PeerInfo {
  /** Empty for state `unknown`. */
  readonly nodeId: string;
  readonly name: string;
  /** `host:port`, or empty. */
  readonly address: string;
  readonly state: PeerState;
  readonly admin: boolean;
  readonly role: Role;
  /** Whether what it held was declared lost: it stays a member, and holds nothing that counts. */
  readonly lost: boolean;
  /** Round trip, only while online. */
  readonly latencyMs: number | null;
  /** To and from it, since somebody asked for the peers last; absent when that was long ago, or while it is away. */
  readonly bytesPerSecond?: number;
  /** When it was last connected; 0 when never. */
  readonly lastSeen: number;
  /** Shards that it is known to hold. */
  readonly shards: number;
  /** Whether it promised to keep serving after its editor closes. */
  readonly stays: boolean;
  /** Null of one that does not say so now. */
  readonly space: SpaceInfo | null;
  /** Why the last attempt to reach it failed, in words. */
  readonly problem: string | null;
  /** That attempt; absent while it is connected, or when none has failed. */
  readonly attempt?: { readonly at: number; readonly code: ErrorCode };
}

export interface ShareInfo {
  readonly shareId: string;
  /** Name of the file or folder as its author wrote it, validated; show it escaped. */
  readonly name: string;
  readonly kind: 'file' | 'folder';
  /** Files, folders and links in it; 1 for a file. */
  readonly entries: number;
  /** Of all files. */
  readonly size: number;
  /** SHA-256 of the file, hex; empty for a folder. */
  readonly sha256: string;
  readonly authorId: string;
  readonly authorName: string;
  readonly createdAt: number;
  /** Data and parity shards. */
  readonly k: number;
  readonly m: number;
  readonly chunksPerShard: number;
  /** Shares of one path by one author are versions: same lineage. */
  readonly lineage: string;
  /** True when a newer version by the same author is known. */
  readonly superseded: boolean;
  /** Holders by shard index; a shard that nobody is known to hold is absent. */
  readonly holders: readonly HolderInfo[];
  /** How many more holders may leave for good before the file is lost: distinct shards held − k; can be negative. */
  readonly spare: number;
  /** Last verification that this peer asked for; null when never. */
  readonly verified: { readonly at: number; readonly ok: boolean } | null;
}

/** One line of the list: what is shown of many shares. `find` and `map` tell the rest of one. */
export interface ListedShare {
  readonly shareId: string;
  /** As in {@link ShareInfo}; empty, with size 0, while this peer has no key for it. */
  readonly name: string;
  readonly kind: 'file' | 'folder';
  readonly size: number;
  readonly authorId: string;
  readonly authorName: string;
  readonly createdAt: number;
  readonly k: number;
  readonly m: number;
  readonly spare: number;
  readonly superseded: boolean;
}

export interface ListParams {
  /** `newest` when absent. By name: byte by byte, ascending. */
  readonly order?: 'newest' | 'name';
  /** Only names that begin so; they come in the order of names. */
  readonly prefix?: string;
  /** Older versions as well; the newest alone unless this says so. */
  readonly versions?: boolean;
  /** `cursor` of the page before, null for the first. */
  readonly cursor: string | null;
  /** At most 5,000. */
  readonly limit: number;
}

export interface HolderInfo {
  readonly nodeId: string;
  readonly name: string;
  readonly shard: number;
  readonly online: boolean;
}

/** One holder's run of consecutive chunk numbers: shard · chunksPerShard + index. */
export interface ChunkRun {
  readonly nodeId: string;
  readonly name: string;
  readonly shard: number;
  readonly online: boolean;
  /** First and last chunk number, both inclusive. */
  readonly first: number;
  readonly last: number;
  /** `data` shards carry the file itself, `parity` shards what is needed when some are lost. */
  readonly kind: 'data' | 'parity';
}

export interface ShareMap {
  readonly share: ShareInfo;
  readonly chunks: number;
  readonly runs: readonly ChunkRun[];
}

/** Most columns of a {@link ShareGrid}. */
export const mostGridColumns = 256;

export interface GridParams {
  /** Name, share id, or a unique prefix of one (at least 6 digits). */
  readonly share?: string;
  /** Instead: the transfer that is sending a share, which no list has yet. */
  readonly transferId?: string;
  /** At most so many are answered: 1 to {@link mostGridColumns}. Shares of very many shards get fewer. */
  readonly columns: number;
}

/** Chunks by what is known of them; a chunk is in one of these, or in none when nobody is known to have it. */
export type ChunkState =
  | 'held' // its holder signed for it, or has acknowledged it; not looked at since
  | 'reported' // re-read and found whole by its holder, which gives its word
  | 'proved' // fetched by this peer, and right
  | 'damaged'; // not what was signed

/** One holder's shard, or a shard that nobody is known to hold. */
export interface GridRow {
  readonly shard: number;
  readonly kind: ChunkRun['kind'];
  /** Empty when nobody holds it. */
  readonly nodeId: string;
  readonly name: string;
  readonly online: boolean;
  /** Chunks of each state by column. A state that no column has is absent. */
  readonly chunks: Readonly<Partial<Record<ChunkState, readonly number[]>>>;
  /** Chunks by column that are on their way now, being re-read, or being made anew, whatever their state. */
  readonly moving?: readonly number[];
  /** When this peer last found one of them right; 0 when not since it started. */
  readonly provedAt: number;
  /** When its holder last reported; 0 when never. */
  readonly reportedAt: number;
  /** True when this peer has reason to doubt it and does not know where it is wrong. */
  readonly doubted: boolean;
  /** What is wrong, in words. */
  readonly problem: string | null;
}

/** A share as its holders by its positions, aggregated: as large for 40 GB as for 40 MB. */
export interface ShareGrid {
  /** Null of one that is being sent. */
  readonly share: ShareInfo | null;
  readonly name: string;
  readonly kind: ShareInfo['kind'];
  readonly size: number;
  readonly k: number;
  readonly m: number;
  readonly chunksPerShard: number;
  /**
   * Where columns begin, and at last where the last one ends: numbers of chunks within each shard, from 0 to
   * `chunksPerShard`. Column c of shard s is chunks s · chunksPerShard + edges[c] to edges[c + 1], exclusive.
   */
  readonly edges: readonly number[];
  /** By shard. Several hold one that is just being moved. */
  readonly rows: readonly GridRow[];
}

export type TransferKind = 'share' | 'get' | 'verify' | 'repair' | 'leave';
/** `waiting`: for peers that went away; it goes on when they are back, or fails after a minute. */
export type TransferState = 'running' | 'waiting' | 'paused' | 'done' | 'failed' | 'cancelled';

export interface TransferInfo {
  readonly transferId: string;
  readonly kind: TransferKind;
  /** File name. */
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

/** `auto`, `copies:N` (N ≥ 1) or `K+M` (K ≥ 1, K+M ≤ 255). */
export type Redundancy = string;

/** Most peers that one share can name as its holders: as many as it can have shards. */
export const maxChosenHolders = 255;

export interface ShareParams {
  /** Chosen by the client, unique: progress and cancel refer to it. */
  readonly transferId: string;
  /** Absolute path of a file or folder. */
  readonly path: string;
  readonly redundancy?: Redundancy;
  /**
   * Node ids of other members who are to take its shards before anybody else, each once, at most
   * {@link maxChosenHolders}. How many shards there are they do not change: where they are too few, others take the
   * rest, and a warning says so.
   */
  readonly holders?: readonly string[];
  /** Whether `.gitignore` files in a folder are honoured; they are unless this says false. */
  readonly ignore?: boolean;
  /** Whether files that look like secrets are meant; `secrets` with `details` `{count, names}` unless this says so. */
  readonly allowSecrets?: boolean;
}

export interface ShareResult {
  /** Null outside of a repository, and where git is not there or does not answer in time. */
  readonly git: GitInfo | null;
  readonly share: ShareInfo;
  /** Holders that were chosen and could not confirm, by name: the share is safe, with less spare. */
  readonly missing: readonly string[];
  /** Things the user should know, in words: too few peers, … */
  readonly warnings: readonly string[];
  /** Entries of a folder that `.gitignore` left out; a folder in it counts as one. */
  readonly ignored: number;
}

export interface GetParams {
  readonly transferId: string;
  /** Name, share id, or a unique prefix of one (at least 6 digits). */
  readonly share: string;
  /** Absolute path of the file or folder to write. */
  readonly path: string;
  /** Replace an existing file; without it the call fails with `exists`. A folder is replaced only when it is empty. */
  readonly overwrite?: boolean;
  /**
   * Take what lies there for the result where it is all that is wanted, by every SHA-256: nothing is fetched then. What
   * an earlier call has half written goes on in any case.
   */
  readonly acceptSame?: boolean;
  /**
   * Paths of entries of a folder, instead of all. One comes by itself, as `path`; several come with their paths, into
   * the folder `path`.
   */
  readonly entries?: readonly string[];
}

export interface GetResult {
  readonly share: ShareInfo;
  readonly path: string;
  readonly bytes: number;
  /** Files, folders and links that were written. */
  readonly entries: number;
  /** Of the one file that was written; empty for several. */
  readonly sha256: string;
  /** Things the user should know, in words. */
  readonly warnings: readonly string[];
  /** Bytes of pieces by holder name. */
  readonly from: Readonly<Record<string, number>>;
}

export interface EntriesParams {
  readonly share: string;
  /** Only the entry of this path, and what is below it. */
  readonly under?: string;
  /**
   * Only what lies in `under` itself, without what is below that, and without `under`: what a folder shows. A folder that
   * is there only because something lies in it comes, too; on another page it may come again.
   */
  readonly direct?: boolean;
  /** `cursor` of the page before, null for the first. */
  readonly cursor: number | null;
  readonly limit: number;
}

/** What was checked out where something was shared: the author’s word. Show the branch escaped. */
export interface GitInfo {
  /** Hex, 40 or 64 digits. */
  readonly commit: string;
  /** Null when no branch was checked out. */
  readonly branch: string | null;
  /** Whether tracked files of the repository differed from the commit. */
  readonly dirty: boolean;
}

export interface EntryInfo {
  readonly kind: 'file' | 'dir' | 'symlink';
  /** Relative, with slashes; show it escaped. */
  readonly path: string;
  /** Of a file; 0 of others. */
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
  readonly mtimeMs: number;
  /** Of a file, hex; empty of others. */
  readonly sha256: string;
  /** Of a link; empty of others. */
  readonly target: string;
}

/** Most bytes that one `read` answers. */
export const maxReadBytes = 4 * 1024 * 1024;

export interface ReadParams {
  readonly share: string;
  /** Path of a file in a folder; absent for a share that is a single file. */
  readonly entry?: string;
  readonly offset: number;
  /** At most {@link maxReadBytes}; 0 only asks for the size, and makes the read that follows a fast one. */
  readonly length: number;
}

export interface ReadResult {
  /** Of the share that was read: a name may mean another one by now. */
  readonly shareId: string;
  /** Of the file. */
  readonly size: number;
  /**
   * From `offset` on. May be fewer than asked for: an answer ends where a segment ends, so that reading on costs
   * nothing twice. Empty only at the end of the file, or when nothing was asked for.
   */
  readonly base64: string;
  /** Bytes of pieces that holders sent for it: 0 when all was known still. */
  readonly fetched: number;
}

/** A share that a local file may be compared with. */
export interface ShareOfPath {
  readonly share: ListedShare;
  /** Path of the file in a folder that was shared, where it may not be any more; null where the share is of the file itself. */
  readonly entry: string | null;
}

export interface FindParams {
  /** Name, share id, or a unique prefix of one (at least 6 digits). */
  readonly share: string;
  /** Another version of the same file: 1 is the one before the newest, 2 the one before that; or its id, or the start of it. */
  readonly version?: string;
}

export interface DeleteParams {
  readonly share: string;
  /** All versions of the file; without it, the one that is named. */
  readonly versions?: boolean;
}

export interface DeleteResult {
  /** The share that was named, as it was. */
  readonly share: ShareInfo;
  /** Ids of the shares that are deleted. */
  readonly deleted: readonly string[];
  /** Things the user should know, in words. */
  readonly warnings: readonly string[];
}

export interface VerifyParams {
  readonly transferId: string;
  readonly share: string;
}

export interface ShardReport {
  readonly nodeId: string;
  readonly name: string;
  readonly shard: number;
  /** `reported`: the holder re-read and re-hashed its shard and gives its word. */
  readonly status: 'ok' | 'damaged' | 'missing' | 'unreachable' | 'lied';
  readonly chunksChecked: number;
  /** Numbers of bad chunks (shard · chunksPerShard + index), at most 1,000. */
  readonly badChunks: readonly number[];
  readonly problem: string | null;
}

export interface VerifyResult {
  readonly share: ShareInfo;
  /** True when every known holder reported its shard whole and the signed root matches. */
  readonly ok: boolean;
  /** True when at least k shards are whole: the file can be fetched. */
  readonly recoverable: boolean;
  readonly shards: readonly ShardReport[];
}

export interface RepairParams {
  readonly transferId: string;
  /** One share, all of which is re-read by its holders first; absent for all, of which a piece of each shard is. */
  readonly share?: string;
  /** Whoever cannot be reached now counts as gone; without it, only who has been away for longer than the grace. */
  readonly now?: boolean;
}

export interface RepairedShard {
  readonly shard: number;
  /** Who holds it now; empty when nobody could take it. */
  readonly nodeId: string;
  readonly name: string;
  /** `mended`: its holder put right what it had. */
  readonly outcome: 'made' | 'mended' | 'failed';
  readonly problem: string | null;
}

export interface RepairedShare {
  readonly shareId: string;
  /** Empty while this peer has no key for it. */
  readonly name: string;
  readonly kind: 'file' | 'folder';
  /** Those that were missing. */
  readonly shards: readonly RepairedShard[];
  /** Shards that are held now, and of how many. */
  readonly live: number;
  readonly total: number;
  readonly spare: number;
}

export interface RepairResult {
  /** Without `share`, only those that lacked something. */
  readonly shares: readonly RepairedShare[];
  /** Whether every shard of these is held now. */
  readonly ok: boolean;
}

/** What of the group's files hangs on one peer. Older versions are left out. */
export interface PeerRisk {
  readonly nodeId: string;
  /** Files that would be gone with it. */
  readonly lost: number;
  /** Files that would not survive one more loss after it. */
  readonly atRisk: number;
}

export interface OutlookParams {
  readonly nodeId: string;
  /** Most files that are named, from 0 to 1,000. */
  readonly limit: number;
}

/** A file of which a peer keeps a part that nobody else keeps. */
export interface DependentFile {
  readonly shareId: string;
  /** Empty while this peer has no key for it. */
  readonly name: string;
  readonly kind: 'file' | 'folder';
  /** How many more holders may leave, as it is; 0 or more. */
  readonly spare: number;
  /** The same after that peer has left; negative: the file is gone with it. */
  readonly spareWithout: number;
}

/** What would become of the files if a peer left for good: told before it does. Older versions are left out. */
export interface LeaveOutlook {
  readonly peer: PeerInfo;
  /** Files of which it keeps a part. */
  readonly files: number;
  /** Of these, those that would be gone with it. */
  readonly lost: number;
  /** Of these, those that would not survive one more loss. */
  readonly atRisk: number;
  /** Of those that would not be gone: too few of their other holders can be reached now. */
  readonly unreachable: number;
  /** Of those that would be left with fewer parts: repair can make each part anew on members that can be reached now. */
  readonly repairable: number;
  /** Of those: it can make none, or not all, for want of reachable holders, or of members that hold no part yet. */
  readonly notRepairable: number;
  /** How long it has to be away before repair begins without being asked, milliseconds; 0 once it is declared lost. */
  readonly graceMs: number;
  /** The most endangered first, those of one danger by name, at most `limit`. */
  readonly dependent: readonly DependentFile[];
}

export interface VerifyAllParams {
  readonly transferId: string;
}

/** A share that a verification of all did not find whole. */
export interface UnsoundShare {
  readonly shareId: string;
  /** Empty while this peer has no key for it. */
  readonly name: string;
  readonly kind: 'file' | 'folder';
  /** Whether at least k shards are whole. */
  readonly recoverable: boolean;
  /** Whether nothing worse was found than that holders cannot be reached. */
  readonly onlyUnreachable: boolean;
  /** Names of the holders whose shards are not whole, or cannot be reached. */
  readonly holders: readonly string[];
}

export interface VerifyAllResult {
  readonly checked: number;
  readonly whole: number;
  /** The rest, at most 1,000. */
  readonly unsound: readonly UnsoundShare[];
}

export interface LeaveParams {
  readonly transferId: string;
  /** Gives up at once what this peer holds, whether others have it or not. */
  readonly force?: boolean;
}

export interface LeftBehind {
  readonly shareId: string;
  readonly name: string;
  readonly kind: 'file' | 'folder';
  readonly shard: number;
  /** How many more holders may leave when this peer has gone; negative: the file goes with it. */
  readonly spare: number;
  readonly problem: string;
}

export interface LeaveResult {
  /** Whether nothing is here any more that others lack: the machine may be switched off. */
  readonly safe: boolean;
  /** Shards that others hold now. */
  readonly moved: number;
  readonly behind: readonly LeftBehind[];
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

export interface InviteResult {
  /** Secret: show it once, never log it. */
  readonly code: string;
  readonly expiresAt: number;
  readonly addresses: readonly string[];
  /** Of whoever uses it. A peer that is older than its client may not know the one that was asked for. */
  readonly role: Role;
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

/**
 * What a look at the connections has found. The first are about this machine; `back-…` is how the other side reaches it;
 * the others are how it reaches an address.
 */
export type FindingKind =
  | 'no-group'
  | 'removed'
  | 'nobody-else'
  | 'no-network'
  | 'loopback-only'
  | 'listening'
  | 'firewall' // somebody cannot reach this machine
  | 'local-network' // macOS keeps this machine from the local network, most likely
  | 'connected'
  | 'no-address'
  | 'clock'
  | 'reached'
  | 'refused' // nobody listens there
  | 'silent'
  | 'unresolved' // the name is none
  | 'no-route'
  | 'forbidden' // by this system
  | 'stranger' // another identity answers
  | 'no-peer' // another program answers
  | 'closed'
  | 'other-version'
  | 'not-let-in'
  | 'in-use' // a copy of this data directory is connected there
  | 'failed'
  | 'back-reached'
  | 'back-refused'
  | 'back-silent'
  | 'back-stranger'
  | 'back-failed'
  | 'back-unknown'; // the other side could not be asked

export interface Finding {
  readonly level: 'ok' | 'note' | 'problem';
  readonly kind: FindingKind;
  /** Whom it is about; empty for this machine, and where nobody was met yet. */
  readonly nodeId: string;
  /** Show it escaped. */
  readonly name: string;
  /** `host:port`, or empty. */
  readonly address: string;
  /** Of a dial, a round trip, or how far the other clock is ahead. */
  readonly ms: number | null;
}

export interface Diagnosis {
  /** `process.platform` of the peer: what to do about a firewall depends on it. */
  readonly platform: string;
  /** This machine first, then one peer after the other. */
  readonly findings: readonly Finding[];
}

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
  /**
   * One page of shares, older versions left out, newest first. `cursor` of the page before, null for the first.
   * `name`: those only whose name has this text somewhere, 1 to 255 characters, ASCII letters in either case.
   */
  /** Tries every address of everybody, and has those that are there dial back. Takes some seconds. */
  diagnose: { params: null; result: Diagnosis };
  /** One page of shares, older versions left out, newest first. `cursor` of the page before, null for the first. */
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
  /** The newest version of what was shared from here, at this absolute path. @throws not-found */
  sharedFrom: { params: { path: string }; result: ShareInfo };
  /** All versions of a file by the author of the one that is named, newest first; at most 1,000. @throws as `find` */
  versions: { params: { share: string }; result: { versions: readonly ListedShare[] } };
  /**
   * What was shared of a local path, by this peer: its newest version, and those of the folders that it lies in, from the
   * inside out; then what else was shared under its name, newest first. @throws not-found when there is no such file here
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
  /** Folder that holds `cli.js`, `worker.js` and `kernel.wasm` of this build. */
  readonly runtimeDir: string;
  /** Start a background peer when none runs. */
  readonly start: boolean;
  readonly signal?: AbortSignal;
}
