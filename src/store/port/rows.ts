/** What the state answers, row by row. */

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
  /** JSON: an array of `[name, kind, size, author, createdAt, k, m, spare, superseded, shareId]`. */
  readonly rows: string;
  /** Node ids by the numbers that `author` stands for in these rows. */
  readonly authors: Readonly<Record<string, string>>;
  readonly cursor: string | null;
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
