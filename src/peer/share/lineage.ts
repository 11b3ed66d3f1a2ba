import { createHmac } from 'node:crypto';
import { realpathSync } from 'node:fs';
import type { OwnIdentity } from '../membership/membership.js';

/**
 * Tells the lineage of a path, 16 bytes: shares of one path by one author are versions. Keyed with what this peer alone
 * can compute, so that it tells nobody anything of the path, and stays the same when the group changes its keys.
 *
 * @returns a function of a real path: absolute, without links
 */
export function lineages(identity: OwnIdentity): (realPath: string) => Uint8Array {
  const key = identity.agree(identity.ecdhPublic);
  return (realPath) =>
    createHmac('sha256', key)
      .update(`chunk-partitioner/1/lineage\0${identity.nodeId}\0${realPath}`)
      .digest()
      .subarray(0, 16);
}

/** The lineage of one file that is there: see {@link lineages}. */
export function lineageOf(identity: OwnIdentity, file: string): Uint8Array {
  return lineages(identity)(realpathSync(file));
}
