/** The members of the group, as this peer sees them. */
import type { ErrorCode } from '../../common/errors.js';
import type { Role } from './group.js';

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

/** Bytes of shard files. */
export interface SpaceInfo {
  /** Null for as much as the disk has room for. */
  readonly lends: number | null;
  readonly used: number;
}
