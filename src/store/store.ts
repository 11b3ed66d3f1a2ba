import type { Geometry } from '../chunk/geometry.js';
import type { Disposable } from '../common/disposable.js';
import type { Lease, Memory } from '../common/memory.js';

/** Kinds of entries of the replicated log. */
export const logKinds = ['record', 'manifest', 'receipt', 'release', 'tombstone'] as const;
export type LogKind = (typeof logKinds)[number];

/** One replicated fact as it travelled: signed bytes, never re-encoded. */
export interface LogEntry {
  /** Arrival sequence in this database, from 1, without gaps at the end. */
  readonly seq: number;
  readonly kind: LogKind;
  /** SHA-256 of `bytes`, hex: an entry is stored once. */
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** A place in another peer's log, up to which everything was taken over. */
export interface Cursor {
  /** Of the other's database. */
  readonly epoch: string;
  readonly seq: number;
  /** Of the entry there, hex: an old copy of that database has another one, or none. Null where it is not known. */
  readonly id: string | null;
}

/** What the sealed part of a manifest says, for listing and searching. */
export interface ShareName {
  readonly name: string;
  readonly kind: 'file' | 'folder';
  readonly size: number;
  /** Of the file, hex; zeros for a folder. */
  readonly sha256: string;
}

export interface ShareRow {
  readonly shareId: string;
  readonly groupId: string;
  readonly authorId: string;
  readonly lineage: string;
  readonly createdAt: number;
  readonly k: number;
  readonly m: number;
  readonly chunksPerShard: number;
  /** Null, like the three that follow, while the epoch key is not known. */
  readonly name: string | null;
  readonly kind: 'file' | 'folder' | null;
  readonly size: number | null;
  readonly sha256: string | null;
  /** False until enough receipts are known; such shares are not listed. */
  readonly listed: boolean;
  /** Whether a newer version, of one lineage and author, is listed. See {@link StateStore.versions} for the order. */
  readonly superseded: boolean;
  readonly verifiedAt: number | null;
  readonly verifiedOk: boolean | null;
}

export interface StoredShare extends ShareRow {
  /** Signed manifest, wire form. */
  readonly manifest: Uint8Array;
}

/** One of several versions of a file. */
export interface VersionRow extends ShareRow {
  /** When the first of those versions came that name this one as their predecessor; null while none is listed. */
  readonly replacedAt: number | null;
}

/** A manifest as its reader found it: what a receipt is held against, and what is listed. */
export interface NewShare {
  readonly shareId: string;
  readonly groupId: string;
  readonly authorId: string;
  readonly lineage: string;
  /** Share id of the version before; null for a first one. */
  readonly predecessor: string | null;
  readonly createdAt: number;
  readonly geometry: Geometry;
  /** Shard roots by shard, hex; a single one when k is 1. */
  readonly roots: readonly string[];
  readonly opened: ShareName | null;
}

export interface NewReceipt {
  readonly shareId: string;
  readonly shard: number;
  readonly segments: number;
  /** Shard root, hex. */
  readonly root: string;
  readonly holderId: string;
  /** See `Receipt`; absent for 0. */
  readonly round?: number;
}

/** A holder keeps a shard no longer: its receipts up to this round count no more. */
export interface NewRelease {
  readonly shareId: string;
  readonly shard: number;
  readonly holderId: string;
  readonly round: number;
}

/** The end of a share, by somebody who may say so. */
export interface NewTombstone {
  readonly shareId: string;
  readonly signerId: string;
}

/** What was signed, its signature checked and the signer found entitled, with its signed bytes. */
export type Fact = Omit<LogEntry, 'seq' | 'kind'> &
  (
    | { readonly kind: 'manifest'; readonly share: NewShare }
    | { readonly kind: 'receipt'; readonly receipt: NewReceipt }
    | { readonly kind: 'release'; readonly release: NewRelease }
    | { readonly kind: 'tombstone'; readonly tombstone: NewTombstone }
  );

/** What became of facts. */
export interface Taken {
  /** Ids of entries that are new in the log. */
  readonly added: readonly string[];
  /** Shares that are listed from now on. */
  readonly listed: readonly string[];
  /** Shares, known or not, that are deleted from now on. */
  readonly deleted: readonly string[];
  /** Second manifests of a share: not taken. */
  readonly conflicts: number;
  /** Receipts for other bytes than their manifest describes: not taken. */
  readonly mismatches: number;
}

export interface ReceiptRow {
  readonly shareId: string;
  readonly shard: number;
  readonly holderId: string;
  /**
   * Whether it is for the bytes that the manifest describes, and was not released; false while the manifest is not
   * known.
   */
  readonly counts: boolean;
  /** Signed receipt, wire form. */
  readonly bytes: Uint8Array;
}

/** What one holder has said of one shard. */
export interface HolderWord {
  /** Round of its receipt, whether that counts or not; null when none is known. */
  readonly received: number | null;
  /** Round up to which it released the shard; null when it did not. */
  readonly released: number | null;
}

/** A holder's word, held against the manifest. */
export interface HeldBy {
  readonly shareId: string;
  readonly shard: number;
  readonly holderId: string;
}

export interface ListQuery {
  /** By name: byte by byte, ascending. Newest: by createdAt, then share id, descending. */
  readonly order: 'newest' | 'name';
  /** Names that begin so, in the order of names whatever `order` says. */
  readonly prefix?: string;
  readonly cursor: string | null;
  readonly limit: number;
  /** Older versions as well. */
  readonly versions?: boolean;
  /** Node ids of holders that do not count. */
  readonly without?: readonly string[];
}

/**
 * A page of the list, as text that SQLite made: nobody between the database and the client who shows it takes the
 * rows apart.
 */
export interface ListText {
  /** JSON: an array of `[shareId, name, kind, size, author, createdAt, k, m, spare, superseded]`. */
  readonly rows: string;
  /** Node ids by the numbers that `author` stands for in these rows. */
  readonly authors: Readonly<Record<string, string>>;
  readonly cursor: string | null;
}

/** Whose word counts, and who of them could act now. Node ids. */
export interface RiskView {
  /** Holders whose word does not count. */
  readonly without: readonly string[];
}

/** What hangs on one holder. Listed shares, older versions left out. */
export interface HolderRisk {
  readonly holderId: string;
  /** Shares that would be gone with it. */
  readonly lost: number;
  /** Shares that would not survive one more loss after it. */
  readonly atRisk: number;
}

export interface OutlookQuery extends RiskView {
  readonly holderId: string;
  /** Other holders that can be reached now. */
  readonly online: readonly string[];
  /** Of these, those that could take a part of a share of which they hold none. */
  readonly takers: readonly string[];
}

/** What becomes of the shares of which a holder keeps a part, if it leaves. See `LeaveOutlook` of the contract. */
export interface Outlook extends Omit<HolderRisk, 'holderId'> {
  readonly shares: number;
  readonly unreachable: number;
  readonly repairable: number;
  readonly notRepairable: number;
}

/** A share of which a holder keeps a part that nobody else keeps. */
export interface DependentShare {
  readonly shareId: string;
  readonly name: string | null;
  readonly kind: 'file' | 'folder' | null;
  /** Shards that are held, less k; 0 or more. */
  readonly spare: number;
  /** The same without that holder. */
  readonly spareWithout: number;
}

export interface PeerRow {
  readonly nodeId: string;
  /** Last known addresses `host:port`, best first, at most 8. */
  readonly addresses: readonly string[];
  readonly lastSeen: number;
  readonly stays: boolean;
}

export interface InviteRow {
  /** SHA-256 of the one-time token, hex. */
  readonly tokenHash: string;
  readonly groupId: string;
  readonly role: string;
  readonly expiresAt: number;
  /** Node id of the joiner once redeemed; idempotent for it. */
  readonly redeemedBy: string | null;
}

/** A transfer that is not at its end. */
export interface TransferRow {
  readonly transferId: string;
  readonly startedAt: number;
  /** What is to be done, and how far it has come: JSON of who put it. It may hold keys. */
  readonly task: string;
}

/** A shard that this peer holds or is receiving. */
export interface HeldShard {
  readonly shareId: string;
  readonly shard: number;
  readonly geometry: Geometry;
  readonly authorId: string;
  /**
   * `staging`: being received; `receipted`: whole, fsynced, promised; `committed`: manifest beside it; `hidden`: of a
   * deleted share, kept for a while and served to nobody.
   */
  readonly state: 'staging' | 'receipted' | 'committed' | 'hidden';
}

/** How much of the disk others may take. */
export interface Lending {
  /** Bytes of shard files. */
  readonly bytes: number;
  /** Author whose shards do not count: this peer itself. */
  readonly except: string;
}

export interface ShardScan {
  readonly chunksChecked: number;
  /** Indices within the shard of chunks with a wrong header or checksum, at most 1,000. */
  readonly badChunks: readonly number[];
  readonly root: Uint8Array;
}

/** A piece that is not what its hash says. */
export interface BadPiece {
  readonly segment: number;
  /** Indices within the shard of the chunks that are wrong by themselves; may be none. */
  readonly chunks: readonly number[];
}

/** Bytes on disk: shard files. Everything is durable when its promise resolves, unless said otherwise. */
export interface ShardStore extends Disposable {
  /**
   * Makes (or finds, for a resumed upload) the staging file of a shard; of one that an earlier process
   * left, the pieces that are whole count as written. @throws disk-full, disk; quota when it goes beyond what is lent;
   * exists when the shard is receipted, committed or hidden (details.state), or staged with another geometry or author.
   */
  stage(shard: Omit<HeldShard, 'state'>, lending?: Lending): Promise<void>;
  /**
   * Writes one piece at its place and hashes it; not yet fsynced. `piece` must not change before the promise settles.
   * @param author who sends it, if that is to be checked
   * @returns SHA-256 of the piece. @throws not-found when nothing is staged, not-trusted when the shard is another
   * author's, limit when the length is wrong.
   */
  writePiece(
    shareId: string,
    shard: number,
    segment: number,
    piece: Uint8Array,
    author?: string,
  ): Promise<Uint8Array>;
  /**
   * SHA-256 of the pieces that were written so far, 32 bytes each, zeros where there is none; of a receipted shard, of all.
   * @throws not-found when nothing is staged
   */
  stagedHashes(shareId: string, shard: number): Promise<Uint8Array>;
  /**
   * All pieces written: fsyncs file, hashes and directory; the shard is receipted then. Idempotent.
   * @returns the shard root. @throws protocol when pieces are missing
   */
  seal(shareId: string, shard: number): Promise<Uint8Array>;
  /**
   * Moves a sealed shard to its place with the manifest and receipts beside it. Idempotent; receipts
   * that are new are added. @throws not-found, protocol when not sealed, exists when the share was
   * committed with another manifest.
   */
  commit(
    shareId: string,
    shard: number,
    manifest: Uint8Array,
    receipts: readonly Uint8Array[],
  ): Promise<void>;
  /**
   * Drops a shard in staging or receipted state, or, told so, only while it is in staging. Unknown shards are ignored.
   * @throws exists when committed
   */
  abort(shareId: string, shard: number, only?: 'staging'): Promise<void>;
  /**
   * Of a deleted share: serves it no more, from now on and after a restart, and drops what is being received of it. What
   * was committed keeps its place until it is removed. Idempotent; needs no room on the disk.
   */
  hide(shareId: string): Promise<void>;
  /**
   * Removes committed and hidden shards of a share, all or one, and gives their space back. What is being received
   * stays: an upload wins. Idempotent; once begun it is ended, at the next start if need be.
   */
  remove(shareId: string, shard?: number): Promise<void>;
  /** Reads one stored piece of a committed shard. @throws not-found, disk */
  readPiece(shareId: string, shard: number, segment: number): Promise<Lease>;
  /** Piece hashes of a committed shard, 32 bytes each. @throws not-found, disk */
  readHashes(shareId: string, shard: number): Promise<Uint8Array>;
  /**
   * Re-reads and checks every chunk of a receipted or committed shard; the root is computed from what
   * was read, zeros where the file is too short. `onProgress` gets chunks checked
   * so far, a few times a second. @throws not-found, disk, cancelled
   */
  scan(
    shareId: string,
    shard: number,
    onProgress?: (chunks: number) => void,
    signal?: AbortSignal,
  ): Promise<ShardScan>;
  /**
   * Re-reads some pieces of a committed shard, from `first` on, and holds them against their hashes. A few at a time:
   * see {@link scan} for all. All are bad of one whose file is gone, and can be mended.
   * @throws not-found; disk when the hashes are unreadable
   */
  check(shareId: string, shard: number, first: number, count: number): Promise<readonly BadPiece[]>;
  /**
   * Writes a piece of a committed shard again, in its place. It has to be the one that the hashes beside the shard ask
   * for: whatever a crash leaves is no worse than what was there. @throws not-found, integrity, disk
   */
  mend(shareId: string, shard: number, segment: number, piece: Uint8Array): Promise<void>;
  /**
   * Makes the hashes beside a committed shard anew from its pieces, if these lead to `root`.
   * @returns whether they do. @throws not-found, disk
   */
  rehash(shareId: string, shard: number, root: Uint8Array): Promise<boolean>;
  /**
   * Writes the hashes beside a committed shard again, 32 bytes of each piece, if they lead to `root`: what the pieces should
   * be is known from elsewhere. @returns whether they do. @throws not-found, disk
   */
  putHashes(shareId: string, shard: number, root: Uint8Array, hashes: Uint8Array): Promise<boolean>;
  held(shareId: string): Promise<readonly HeldShard[]>;
  allHeld(): Promise<readonly HeldShard[]>;
  /** Bytes of all shard files, or of those of all authors but one. */
  storedBytes(except?: string): Promise<number>;
}

/** Facts in SQLite. A write is durable when its promise resolves; writes of one tick share a transaction. */
export interface StateStore {
  /** Random id of this database, new whenever it is made or rebuilt: cursors of others are tied to it. */
  databaseEpoch(): Promise<string>;
  getSetting(key: string): Promise<string | null>;
  setSetting(key: string, value: string): Promise<void>;
  /** Appends entries that are new; answers the sequence number of the last entry in the log. */
  append(
    entries: readonly Omit<LogEntry, 'seq'>[],
  ): Promise<{ readonly added: readonly string[]; readonly last: number }>;
  /** Entries after a sequence number, in order, bounded by count and by bytes (at least one). */
  logAfter(seq: number, maxEntries: number, maxBytes: number): Promise<readonly LogEntry[]>;
  lastSeq(): Promise<number>;
  /** Id of the entry of a place in the log, hex; null when there is none. */
  entryAt(seq: number): Promise<string | null>;
  /** Cursor into another peer's log. */
  getCursor(nodeId: string): Promise<Cursor | null>;
  setCursor(nodeId: string, cursor: Cursor): Promise<void>;
  records(): Promise<readonly Uint8Array[]>;
  /** Those of these ids (hex, of entries) that are in the log. */
  knownEntries(ids: readonly string[]): Promise<readonly string[]>;
  /**
   * Takes facts in one transaction: appends them to the log, holds receipts against manifests in whatever order they
   * come, and lists a share once enough different holders of different shards confirmed it. What is known changes
   * nothing; what contradicts it is counted and left out. A tombstone ends its share for good: what the catalog and the
   * log hold of it goes, and what comes of it later is not taken. Receipts of `former` members (node ids) list nothing that
   * one of them shared: together they could sign whatever they like.
   */
  take(facts: readonly Fact[], former?: readonly string[]): Promise<Taken>;
  /** Of these shares those that are deleted: the {@link addUptime} at which their tombstone came. */
  deletedSince(shareIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Adds to the time that this peer has been running, over all its runs. @returns the sum, milliseconds */
  addUptime(ms: number): Promise<number>;
  /** What the sealed parts of shares say, once their key is there. What is known stays. */
  nameShares(names: readonly (ShareName & { readonly shareId: string })[]): Promise<void>;
  setVerified(shareId: string, at: number, ok: boolean): Promise<void>;
  getShare(shareId: string): Promise<StoredShare | null>;
  /**
   * Listed shares by one of exact name or share id prefix (hex), newest first, at most `limit`.
   * `newest`: those only that are not superseded.
   */
  findShares(
    query: { readonly name?: string; readonly idPrefix?: string; readonly newest?: boolean },
    limit: number,
  ): Promise<readonly ShareRow[]>;
  /**
   * A page of listed shares, older versions left out, newest first (createdAt, then share id), after `cursor`. `name`:
   * those only whose name has this text somewhere, ASCII letters in either case.
   */
  listShares(
    cursor: string | null,
    limit: number,
    name?: string,
  ): Promise<{ readonly shares: readonly ShareRow[]; readonly cursor: string | null }>;
  /**
   * Listed versions of one file by one author, newest first, at most `limit`. A version comes after the one that it names
   * as its predecessor, whatever the clocks say; where that leaves it open, they decide, and then the share ids.
   */
  versions(authorId: string, lineage: string, limit: number): Promise<readonly VersionRow[]>;
  /** Lineages of an author that have older versions listed, in order, after `after`. */
  lineagesWithVersions(
    authorId: string,
    after: string | null,
    limit: number,
  ): Promise<readonly string[]>;
  /** A page of the list, short and quick: what is shown of many. @throws usage for a cursor of another list */
  listText(query: ListQuery): Promise<ListText>;
  /** Listed shares, all versions. */
  countShares(): Promise<number>;
  /** The same, the versions of a file counted as one. */
  countFiles(): Promise<number>;
  /**
   * Shares, listed or not, whose sealed part was not opened yet: rebuilt from the files, or sealed
   * under an epoch key that was not known. In the order of ids, after `after`; see {@link nameShares}.
   */
  unnamedShares(after: string | null, limit: number): Promise<readonly StoredShare[]>;
  receipts(shareId: string): Promise<readonly ReceiptRow[]>;
  /** Who counts as a holder of these shares, in the order of share ids, shards and node ids. */
  heldBy(shareIds: readonly string[]): Promise<readonly HeldBy[]>;
  wordOf(shareId: string, shard: number, holderId: string): Promise<HolderWord>;
  /** What one holder counts as a holder of, in the order of share ids, after one. At most `limit` shares. */
  heldOf(
    holderId: string,
    after: { readonly shareId: string; readonly shard: number } | null,
    limit: number,
  ): Promise<readonly HeldBy[]>;
  /** By node id: how many shards it says that it holds. */
  shardsByHolder(): Promise<ReadonlyMap<string, number>>;
  /** By holder, those left out on whom nothing hangs. Goes through all receipts. */
  risks(view: RiskView): Promise<readonly HolderRisk[]>;
  /** Goes through all receipts. */
  outlook(query: OutlookQuery): Promise<Outlook>;
  /** Shares that a holder's leaving makes worse, the most endangered first, then by name; at most `limit`, 1,000 at most. */
  dependents(
    query: RiskView & { readonly holderId: string },
    limit: number,
  ): Promise<readonly DependentShare[]>;
  /** Bytes of all shards that somebody holds, of listed shares, older versions left out. */
  heldBytes(): Promise<number>;
  /** By node id: for how long each peer has been away, milliseconds. */
  absences(): Promise<ReadonlyMap<string, number>>;
  /** In place of all that were there. */
  putAbsences(away: ReadonlyMap<string, number>): Promise<void>;
  putPeer(peer: PeerRow): Promise<void>;
  peers(): Promise<readonly PeerRow[]>;
  /** Adds or changes an invite; a redeemed one stays redeemed. */
  putInvite(invite: InviteRow): Promise<void>;
  /**
   * Atomic. Answers the row as it is afterwards: `redeemedBy` is the caller's id on success, another's
   * when used, null when expired (`expiresAt` ≤ `now`); null when unknown.
   */
  redeemInvite(tokenHash: string, nodeId: string, now: number): Promise<InviteRow | null>;
  /** In the order in which they were started. */
  transfers(): Promise<readonly TransferRow[]>;
  putTransfer(transfer: TransferRow): Promise<void>;
  /** Unknown ones are ignored. */
  dropTransfer(transferId: string): Promise<void>;
}

export interface Store extends Disposable {
  readonly state: StateStore;
  readonly shards: ShardStore;
  /** Null unless the database had to be made anew from what lies beside it. */
  readonly recovery: RecoveryReport | null;
  close(): Promise<void>;
}

/** What was done when the database was damaged or lost. */
export interface RecoveryReport {
  /** Where the damaged database lies now; null when it was lost. */
  readonly setAside: string | null;
  /** Shares, roster records and settings found again. Everything else comes back from other peers. */
  readonly shares: number;
  readonly records: number;
  readonly settings: number;
  /** Files that could not be read, and why. */
  readonly skipped: readonly string[];
}

export interface OpenStoreOptions {
  readonly dataDir: string;
  /** Absolute path of the bundled worker. */
  readonly workerPath: string;
  /** Compiled kernel, handed to the workers. */
  readonly kernel: WebAssembly.Module;
  /** Where pieces are read into. */
  readonly memory?: Memory;
}
