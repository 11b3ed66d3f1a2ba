/** What a chunk map is about: a share that is listed, or the transfer that is sending one. */
export type MapTarget = { readonly share: string } | { readonly transferId: string };

/** The same, with the data directory of its group: what a page keeps. */
export type MapPlace = MapTarget & { readonly group: string };

/** What a page kept over a reload, or another extension says: undefined when it is none. */
export function readMapTarget(value: unknown): MapTarget | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const share: unknown = Reflect.get(value, 'share');
  if (typeof share === 'string' && /^[0-9a-f]{32}$/.test(share)) return { share };
  const transferId: unknown = Reflect.get(value, 'transferId');
  if (typeof transferId !== 'string' || !/^[\w-]{1,128}$/.test(transferId)) return undefined;
  return { transferId };
}

/** The data directory that such a value names, which may be anybody's. */
export function readMapGroup(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const group: unknown = Reflect.get(value, 'group');
  return typeof group === 'string' ? group : undefined;
}

export function sameTarget(a: MapTarget, b: MapTarget): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
