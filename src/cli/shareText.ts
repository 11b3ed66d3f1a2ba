import { visible } from '../common/visible.js';
import type { ShareInfo, SpaceInfo } from '../control/contract.js';
import { formatBytes, formatCount } from './units.js';

/** Digits of a share id that are shown in lists; enough for `get` as well. */
export const shortIdLength = 12;

export function shortId(shareId: string): string {
  return shareId.slice(0, shortIdLength);
}

/** How many holders may leave for good, for a column that is headed `SURVIVES`. */
export function survivalText(spare: number): string {
  if (spare < 0) return 'too few left';
  if (spare === 0) return 'none leaving';
  return spare === 1 ? 'any 1 leaving' : `any ${String(spare)} leaving`;
}

/** The same, within a sentence. */
export function survivalSentence(spare: number): string {
  if (spare < 0) return 'too many pieces are lost: it comes back only with one who holds more';
  if (spare === 0) return 'one more loss and it is gone';
  return `survives ${survivalText(spare)}`;
}

/** `2+2` as people say it. */
export function schemeText(share: ShareInfo): string {
  const { k, m } = share;
  if (k === 1) return m === 0 ? 'one copy only' : `${String(1 + m)} whole copies`;
  return `${String(k + m)} pieces, any ${String(k)} give the file back`;
}

/** `model.bin`, or `src/` for a folder; safe to print. */
export function nameOf(share: Pick<ShareInfo, 'name' | 'kind'>): string {
  if (share.name === '') return '(sealed)'; // without the key there is none
  return `${visible(share.name)}${share.kind === 'folder' ? '/' : ''}`;
}

/** `model.bin (18 MB)`, `src/ (1,204 entries, 18 MB)`, safe to print. */
export function titleOf(share: ShareInfo): string {
  const { kind, entries, size } = share;
  if (share.name === '') return `${nameOf(share)} ${shortId(share.shareId)}`;
  const count = kind === 'folder' ? `${entriesText(entries)}, ` : '';
  return `${nameOf(share)} (${count}${formatBytes(size)})`;
}

/** `1.5 GB of 10.7 GB`, `1.5 GB` where there is no limit. */
export function spaceText({ lends, used }: SpaceInfo): string {
  return lends === null ? formatBytes(used) : `${formatBytes(used)} of ${formatBytes(lends)}`;
}

export function entriesText(count: number): string {
  return count === 1 ? '1 entry' : `${formatCount(count)} entries`;
}
