import type { Cursor, Fact, LogEntry, ShareName, Taken } from './log.js';
import type { DependentShare, HolderRisk, Outlook, OutlookQuery, RiskView } from './risk.js';
import type {
  HeldBy,
  HolderWord,
  InviteRow,
  ListQuery,
  ListText,
  PeerRow,
  ReceiptRow,
  ShareRow,
  StoredShare,
  TransferRow,
  VersionRow,
} from './rows.js';

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
