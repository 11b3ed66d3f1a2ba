/** What peers tell each other: entries of the replicated log, and what the store takes from them. */
import type { Geometry } from '../../chunk/geometry.js';

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
