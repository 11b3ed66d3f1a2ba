/** What is shared: in lists, by name, by path, and its end. */

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

export interface HolderInfo {
  readonly nodeId: string;
  readonly name: string;
  readonly shard: number;
  readonly online: boolean;
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

export interface FindParams {
  /** Name, share id, or a unique prefix of one (at least 6 digits). */
  readonly share: string;
  /** Another version of the same file: 1 is the one before the newest, 2 the one before that; or its id, or the start of it. */
  readonly version?: string;
}

/** A share that a local file or folder is in, or may be compared with. */
export interface ShareOfPath {
  readonly share: ListedShare;
  /** Whether this peer shared it from that path, or from a folder around it; else only its name is the same. */
  readonly fromHere: boolean;
  /** Path of the file in a folder that was shared, where it may not be any more; null where the share is of the file itself. */
  readonly entry: string | null;
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
