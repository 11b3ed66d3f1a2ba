import { realpathSync } from 'node:fs';
import path from 'node:path';
import { toHex } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import type { ShareRow, StateStore } from '../../store/store.js';
import type { Catalog } from '../catalog/catalog.js';
import { catalogLimits } from '../limits.js';
import type { OwnIdentity } from '../membership/membership.js';
import { lineages } from './lineage.js';

/** A share that a local file may be compared with. */
export interface ShareOfPath {
  readonly row: ShareRow;
  /** Whether this peer shared it from there, itself or a folder around it; else only the name is the same. */
  readonly fromHere: boolean;
  /** Path of the file in a folder that was shared; null where the share is of the file itself. Nobody looked for it yet. */
  readonly entry: string | null;
}

/**
 * The newest shares of a local file: first what this peer shared of that path, the file itself before the folders that
 * it lies in, from the inside out; then what else was shared under its name, newest first.
 *
 * @throws PeerError `not-found` when there is no such file here, `disk`
 */
export async function sharesOf(
  identity: OwnIdentity,
  catalog: Catalog,
  state: Pick<StateStore, 'findShares'>,
  file: string,
): Promise<readonly ShareOfPath[]> {
  const real = realPath(file);
  const lineageOf = lineages(identity);
  const own: ShareOfPath[] = [];
  for (const { place, entry } of placesOf(real)) {
    const row = await catalog.newestVersion(identity.nodeId, toHex(lineageOf(place)));
    if (row !== null && row.name !== null) own.push({ row, fromHere: true, entry });
  }
  const query = { name: path.basename(real), newest: true };
  const named = await state.findShares(query, catalogLimits.namesakes);
  const known = new Set(own.map(({ row }) => row.shareId));
  const others = named.filter(({ shareId, kind }) => !known.has(shareId) && kind !== 'folder');
  return [...own, ...others.map((row) => ({ row, fromHere: false, entry: null }))];
}

/** The path itself, and each folder above it with the way down to the file. */
function placesOf(real: string): { readonly place: string; readonly entry: string | null }[] {
  const places: { place: string; entry: string | null }[] = [{ place: real, entry: null }];
  let folder = path.dirname(real);
  while (places.length < catalogLimits.foldersAbove && folder !== path.dirname(folder)) {
    const entry = path.relative(folder, real).split(path.sep).join('/');
    places.push({ place: folder, entry });
    folder = path.dirname(folder);
  }
  return places;
}

function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch (error) {
    throw PeerError.from(error);
  }
}
