import type { Manifest } from '../chunk/manifest.js';
import type { Receipt } from '../chunk/receipt.js';
import { toHex } from '../common/bytes.js';
import type { NewReceipt, NewShare, ShareName } from './store.js';

/** A manifest as the store takes it. `opened`: what its sealed part says, null while that is not known. */
export function newShare(manifest: Manifest, opened: ShareName | null): NewShare {
  return {
    shareId: toHex(manifest.shareId),
    groupId: toHex(manifest.groupId),
    authorId: toHex(manifest.authorId),
    lineage: toHex(manifest.lineage),
    createdAt: manifest.createdAt,
    geometry: manifest.geometry,
    roots: manifest.roots,
    opened,
  };
}

export function newReceipt({ shareId, shard, segments, root, holderId }: Receipt): NewReceipt {
  return { shareId: toHex(shareId), shard, segments, root, holderId: toHex(holderId) };
}
