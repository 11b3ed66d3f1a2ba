/** What hangs on a peer, and what becomes of it when the peer leaves. */
import type { PeerInfo } from './peers.js';

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
