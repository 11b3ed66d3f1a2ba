import { PeerError } from '../../common/errors.js';
import type { Catalog } from '../catalog/catalog.js';
import type { Holder } from '../holder.js';

/**
 * COMMIT to every holder with a receipt; the share counts when enough of them have it on disk. It can be said again.
 *
 * @param needed holders that have to confirm
 * @throws PeerError `too-few-peers`
 */
export async function commitShare(
  catalog: Catalog,
  needed: number,
  manifest: Uint8Array,
  receipts: readonly { readonly holder: Holder; readonly bytes: Uint8Array }[],
): Promise<void> {
  const wires = receipts.map(({ bytes }) => bytes);
  const results = await Promise.allSettled(
    receipts.map(({ holder }) => holder.commit(manifest, wires)),
  );
  const confirmed = results.filter(({ status }) => status === 'fulfilled').length;
  if (confirmed < needed) {
    throw new PeerError(
      'too-few-peers',
      'Too many peers went away before they confirmed the file.',
      {
        hint: 'It may still appear; if it does not within a minute, share it again.',
        cause: results.find((result) => result.status === 'rejected')?.reason,
      },
    );
  }
  await catalog.take(manifest, wires);
}
