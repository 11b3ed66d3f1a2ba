/** What the chunk map's page and the extension say to each other. Either end checks what it hears. */
import type { GridRow, ShareGrid } from '../../control/contract.js';
import type { MapWord } from './words.js';

/** Most columns that the page draws, and asks for. */
export const mostColumns = 128;

export const mapActions = ['verify', 'repair', 'download'] as const;
export type MapAction = (typeof mapActions)[number];

/** From the page. */
export type PageMessage =
  /** It is there, and has room for so many columns. */
  | { readonly type: 'ready'; readonly columns: number }
  /** It has another width. */
  | { readonly type: 'resized'; readonly columns: number }
  | { readonly type: 'act'; readonly action: MapAction };

/** What runs now, in words, with a share of it that is done. */
export interface Activity {
  readonly text: string;
  /** 0 to 100. */
  readonly percent: number;
}

export type PageGrid = Pick<ShareGrid, 'k' | 'chunksPerShard' | 'edges' | 'rows'>;

/** To the page. All text is safe to show. */
export type HostMessage =
  /** First, and again after a notice. */
  | {
      readonly type: 'begin';
      readonly language: string;
      readonly words: Readonly<Record<MapWord, string>>;
    }
  | {
      readonly type: 'show';
      /** Is kept by the page, and says after a reload what it is about. */
      readonly target: unknown;
      readonly title: string;
      /** Size, redundancy, what it survives, what was verified. */
      readonly facts: readonly string[];
      readonly activities: readonly Activity[];
      /** What can be done with it now. */
      readonly actions: readonly MapAction[];
      readonly grid: PageGrid;
    }
  /** There is nothing to show, and why. */
  | { readonly type: 'notice'; readonly text: string };

/** Undefined for what no page of ours says. */
export function readPageMessage(value: unknown): PageMessage | undefined {
  if (!isObject(value)) return undefined;
  const { type, columns, action } = value;
  if (type === 'ready' || type === 'resized') {
    if (!Number.isInteger(columns)) return undefined;
    return { type, columns: Math.max(1, Math.min(mostColumns, Number(columns))) };
  }
  const known = mapActions.find((one) => one === action);
  return type === 'act' && known !== undefined ? { type, action: known } : undefined;
}

/** Undefined for what the extension does not say. */
export function readHostMessage(value: unknown): HostMessage | undefined {
  if (!isObject(value)) return undefined;
  switch (value['type']) {
    case 'begin':
      return isObject(value['words']) && typeof value['language'] === 'string'
        ? (value as unknown as HostMessage)
        : undefined;
    case 'show':
      return typeof value['title'] === 'string' && isGrid(value['grid'])
        ? (value as unknown as HostMessage)
        : undefined;
    case 'notice':
      return typeof value['text'] === 'string' ? (value as unknown as HostMessage) : undefined;
    default:
      return undefined;
  }
}

function isGrid(value: unknown): value is PageGrid {
  if (!isObject(value)) return false;
  const { k, edges, rows } = value;
  if (!Number.isInteger(k) || !isNumbers(edges) || edges.length < 2) return false;
  if (edges.length > mostColumns + 1 || !Array.isArray(rows)) return false;
  return rows.every((row) => isRow(row, edges.length - 1));
}

function isRow(value: unknown, columns: number): value is GridRow {
  if (!isObject(value) || typeof value['name'] !== 'string' || !isObject(value['chunks'])) {
    return false;
  }
  const counts = [...Object.values(value['chunks']), value['moving'] ?? []];
  return counts.every((one) => isNumbers(one) && (one.length === 0 || one.length === columns));
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((one) => Number.isInteger(one) && Number(one) >= 0);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
