/**
 * What the page of a peek and the extension say to each other. Either end checks what it hears. Offsets are bytes from
 * the start of the file.
 */
import type { PeekWord } from './words.js';

export type PeekMode = 'text' | 'hex';

/** A run of text; `hit` marks what was searched for. */
export interface Part {
  readonly text: string;
  readonly hit: boolean;
}

export interface PeekRow {
  /** Offset of its first byte. */
  readonly at: number;
  /** Number of the line, or the offset where that is not known; empty where a line goes on. */
  readonly label: string;
  /** Text, or bytes as hexadecimal digits. Made visible already; shown as text, never as markup. */
  readonly parts: readonly Part[];
  /** Of hexadecimal bytes, the same as characters; null for text. */
  readonly characters: readonly Part[] | null;
}

/** What to look for, forward from `from` on. */
export interface FindWhat {
  /** Text, or hexadecimal digits when `bytes` is set. */
  readonly text: string;
  readonly bytes: boolean;
  /** Of letters A to Z; others are compared as they are. */
  readonly matchCase: boolean;
  readonly from: number;
}

/** Most rows of a screen. */
export const mostRows = 500;

/** Longest text that somebody writes. */
const longestText = 8192;

/**
 * From the page, once it has its words. All but the last are answered with `rows`, or with `idle` and why not; so is what
 * is out of bounds.
 */
export type PageMessage =
  /** It is there, and has no words yet. */
  | { readonly type: 'ready' }
  | (Look &
      (
        | { readonly type: 'show'; readonly at: number }
        /** `by` rows below or above the one that starts at `top`. */
        | { readonly type: 'move'; readonly top: number; readonly by: number }
        | { readonly type: 'tail' }
        | { readonly type: 'go'; readonly to: 'line' | 'offset'; readonly text: string }
        | ({ readonly type: 'find' } & FindWhat)
      ))
  /** Ends what takes long. */
  | { readonly type: 'cancel' };

/** How the page shows the file. */
export interface Look {
  readonly mode: PeekMode;
  readonly rows: number;
}

export type LookMessage = Extract<PageMessage, Look>;

/** To the page. */
export type HostMessage =
  /** First. */
  | {
      readonly type: 'begin';
      readonly words: Readonly<Record<PeekWord, string>>;
      readonly size: number;
    }
  | {
      readonly type: 'rows';
      readonly mode: PeekMode;
      readonly rows: readonly PeekRow[];
      readonly top: number;
      /** Offset behind the last row. */
      readonly end: number;
      /** Where this is, in words. */
      readonly place: string;
      /** What was fetched for it, and that it is verified. */
      readonly cost: string;
      /** What was found: where a search goes on. */
      readonly hit: { readonly start: number; readonly end: number } | null;
    }
  /** Something takes long; `done` is how much of it, 0 to 1. */
  | { readonly type: 'busy'; readonly text: string; readonly done: number }
  /** Nothing is under way any more; `text` says why there is nothing new to see, empty when there is no reason. */
  | { readonly type: 'idle'; readonly text: string; readonly isProblem: boolean };

/** Undefined for what no page of ours says. */
export function readPageMessage(value: unknown): PageMessage | undefined {
  if (!isObject(value)) return undefined;
  const { type } = value;
  if (type === 'ready' || type === 'cancel') return { type };
  const look = readLook(value);
  if (look === undefined) return undefined;
  const { at, top, by, to, text, bytes, matchCase, from } = value;
  switch (type) {
    case 'show':
      return isOffset(at) ? { type, ...look, at } : undefined;
    case 'move':
      return isOffset(top) && isStep(by) ? { type, ...look, top, by } : undefined;
    case 'tail':
      return { type, ...look };
    case 'go':
      return (to === 'line' || to === 'offset') && isText(text)
        ? { type, ...look, to, text }
        : undefined;
    case 'find':
      return isText(text) && isOffset(from)
        ? { type, ...look, text, from, bytes: bytes === true, matchCase: matchCase === true }
        : undefined;
    default:
      return undefined;
  }
}

/** Undefined for what the extension does not say. */
export function readHostMessage(value: unknown): HostMessage | undefined {
  if (!isObject(value)) return undefined;
  const isOurs =
    value['type'] === 'begin'
      ? isObject(value['words']) && isOffset(value['size'])
      : value['type'] === 'rows'
        ? Array.isArray(value['rows']) && isOffset(value['top']) && isOffset(value['end'])
        : value['type'] === 'busy' || value['type'] === 'idle'
          ? typeof value['text'] === 'string'
          : false;
  return isOurs ? (value as unknown as HostMessage) : undefined;
}

function readLook({ mode, rows }: Record<string, unknown>): Look | undefined {
  if (mode !== 'text' && mode !== 'hex') return undefined;
  if (!Number.isInteger(rows)) return undefined;
  return { mode, rows: Math.max(1, Math.min(mostRows, Number(rows))) };
}

function isOffset(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isStep(value: unknown): value is number {
  return Number.isInteger(value) && Math.abs(Number(value)) <= mostRows;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= longestText;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
