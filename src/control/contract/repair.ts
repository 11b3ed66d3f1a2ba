/** To have shards made anew. */

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
