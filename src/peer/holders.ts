import type { Connection } from '../net/connection.js';
import type { Location, OpenedShare } from './catalog/catalog.js';
import { RemoteHolder, type Holder } from './holder.js';
import { peerLimits } from './limits.js';
import type { Membership } from './membership/membership.js';
import type { AddressBook } from './mesh/addressBook.js';

export interface HoldersOptions {
  /** This peer as its own holder. */
  readonly local: Holder;
  readonly membership: Pick<Membership, 'isHolder' | 'dismissal'>;
  readonly addressBook: Pick<AddressBook, 'get'>;
  /** Who is known to hold shards of a share. */
  readonly locations: (shareId: string) => Promise<readonly Location[]>;
  /** Whether this peer promised to keep serving. */
  readonly stays: () => boolean;
  /** Members that are connected now. */
  readonly online: () => readonly { readonly nodeId: string }[];
  readonly connection: (nodeId: string) => Connection | undefined;
  /** Tries to reach everybody who is not connected. */
  readonly connectAll: (signal: AbortSignal) => Promise<void>;
}

/** Who can be asked for shards: this peer, and members behind whichever connection there is to them at the moment. */
export class Holders {
  constructor(private readonly options: HoldersOptions) {}

  /** One that can be reached now, this peer included. */
  get(nodeId: string): Holder | undefined {
    const { local, connection } = this.options;
    return nodeId === local.nodeId || connection(nodeId) !== undefined
      ? this.any(nodeId)
      : undefined;
  }

  /** Any of them, whether it can be reached or not. */
  any(nodeId: string): Holder {
    const { local, connection } = this.options;
    return nodeId === local.nodeId ? local : new RemoteHolder(nodeId, () => connection(nodeId));
  }

  /** Members that can be reached now and take shards, without this peer. */
  remote(): Holder[] {
    const { membership, online } = this.options;
    return online()
      .filter(({ nodeId }) => membership.isHolder(nodeId))
      .map(({ nodeId }) => this.any(nodeId));
  }

  /** Whether a peer promised to keep serving. */
  stays(nodeId: string): boolean {
    const { local, stays, addressBook } = this.options;
    return nodeId === local.nodeId ? stays() : (addressBook.get(nodeId)?.stays ?? false);
  }

  /** Tries once more to reach the holders of a share when too few of its shards can be had. */
  async reach(share: OpenedShare, signal: AbortSignal): Promise<void> {
    const { membership, locations, connectAll } = this.options;
    const found = await locations(share.row.shareId);
    const shards = new Set(
      found.filter(({ holderId }) => this.get(holderId)).map(({ shard }) => shard),
    );
    if (shards.size >= share.manifest.geometry.k) return;
    if (membership.dismissal !== null) throw membership.dismissal; // nobody lets it in
    await connectAll(AbortSignal.any([signal, AbortSignal.timeout(peerLimits.reachMs)]));
  }
}
