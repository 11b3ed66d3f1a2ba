import { randomBytes } from 'node:crypto';
import { signManifest } from '../../chunk/manifest.js';
import { sealInfo, type SealedInfo } from '../../chunk/sealedInfo.js';
import { fromHex, toHex } from '../../common/bytes.js';
import type { LeftOut, OpenedMessage, SharedMessage } from '../jobs/messages.js';
import { lineageOf } from './lineage.js';
import type { SharePlan } from './plan.js';
import type { ShareDependencies } from './shareFile.js';

/** The signed manifest of a share all of whose pieces are made, and the lineage that it is a version of. */
export async function describeShare(
  { identity, membership, catalog }: ShareDependencies,
  { shareId, random, contentKey }: SharePlan,
  source: { readonly path: string; readonly name: string },
  opened: OpenedMessage,
  encoded: SharedMessage,
): Promise<{ readonly manifest: Uint8Array; readonly lineage: Uint8Array }> {
  const lineage = lineageOf(identity, source.path);
  // As late as possible: what was shared meanwhile of the same path comes before this.
  const previous = await catalog.newestVersion(identity.nodeId, toHex(lineage));
  // Only now: somebody may have been removed since the start, who must not read it.
  const epoch = membership.currentEpoch();
  const unsigned = {
    shareId: fromHex(shareId),
    groupId: fromHex(membership.groupId),
    authorId: fromHex(identity.nodeId),
    random: fromHex(random),
    geometry: opened.geometry,
    roots: [...encoded.roots],
    epoch: fromHex(epoch.name),
    salt: randomBytes(16),
    createdAt: timeAfter(previous?.createdAt ?? 0),
    lineage,
    predecessor: previous === null ? null : fromHex(previous.shareId),
  };
  const info = sealedInfo(source.name, fromHex(contentKey), opened, encoded);
  const sealed = sealInfo(info, unsigned, epoch.key);
  const manifest = signManifest({ ...unsigned, sealed }, (data) => identity.sign(data));
  return { manifest, lineage };
}

export function leftOutWarnings({ leftOut: { links, special } }: OpenedMessage): string[] {
  const names = ({ count, some }: LeftOut): string =>
    some.join(', ') + (count > some.length ? `, and ${count - some.length} more` : '');
  return [
    ...(links.count > 0 ? [`Left out, because they lead out of the folder: ${names(links)}.`] : []),
    ...(special.count > 0 ? [`Left out, because they are no files: ${names(special)}.`] : []),
  ];
}

/** Now, by this peer's clock, and later than the version before, which a wrong clock may have put years ahead. */
function timeAfter(previous: number): number {
  return Math.min(Math.max(Date.now(), previous + 1), Number.MAX_SAFE_INTEGER);
}

function sealedInfo(
  name: string,
  contentKey: Uint8Array,
  opened: OpenedMessage,
  shared: SharedMessage,
): SealedInfo {
  return {
    contentKey,
    size: opened.treeOffset + opened.treeLength,
    treeOffset: opened.treeOffset,
    treeLength: opened.treeLength,
    treeDigest: shared.treeDigest,
    name,
    kind: opened.kind,
    entries: opened.entries,
    totalSize: opened.size,
    sha256: opened.kind === 'file' ? shared.sha256 : new Uint8Array(32),
  };
}
