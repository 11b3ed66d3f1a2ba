import type { Manifest } from '../chunk/manifest.js';
import type { Receipt } from '../chunk/receipt.js';
import type { Release } from '../chunk/release.js';
import type { Tombstone } from '../chunk/tombstone.js';
import { toHex } from '../common/bytes.js';
import type { NewReceipt, NewRelease, NewShare, NewTombstone, ShareName } from './store.js';

/** A manifest as the store takes it. `opened`: what its sealed part says, null while that is not known. */
export function newShare(manifest: Manifest, opened: ShareName | null): NewShare {
  return {
    shareId: toHex(manifest.shareId),
    groupId: toHex(manifest.groupId),
    authorId: toHex(manifest.authorId),
    lineage: toHex(manifest.lineage),
    predecessor: manifest.predecessor === null ? null : toHex(manifest.predecessor),
    createdAt: manifest.createdAt,
    geometry: manifest.geometry,
    roots: manifest.roots.map(toHex),
    opened,
  };
}

export function newReceipt(receipt: Receipt): NewReceipt {
  const { shareId, shard, segments, root, holderId, round } = receipt;
  return {
    ...{ shareId: toHex(shareId), shard, segments },
    ...{ root: toHex(root), holderId: toHex(holderId) },
    ...(round !== undefined && { round }),
  };
}

export function newTombstone({ shareId, signerId }: Tombstone): NewTombstone {
  return { shareId: toHex(shareId), signerId: toHex(signerId) };
}

export function newRelease({ shareId, shard, holderId, round }: Release): NewRelease {
  return { shareId: toHex(shareId), shard, holderId: toHex(holderId), round };
}

/** What a receipt is held against: of a manifest, the geometry and the shard roots (hex). */
export type Claim = Pick<NewShare, 'geometry' | 'roots'>;

/** Whether a receipt is for the bytes that the manifest describes. */
export function confirms({ geometry, roots }: Claim, receipt: NewReceipt): boolean {
  const { k, m, segments } = geometry;
  return (
    receipt.shard < k + m &&
    receipt.segments === segments &&
    receipt.root === roots[k === 1 ? 0 : receipt.shard]
  );
}
