/** A page of the list on its way over the channel: what SQLite wrote is taken apart by the client alone. */
import * as z from 'zod';
import { PeerError } from '../common/errors.js';
import type { ControlMethod, ControlRequests, ListedShare } from './contract.js';

export interface PackedPage {
  /** JSON: an array of `[shareId, name, kind, size, author, createdAt, k, m, spare, superseded]`. */
  readonly rows: string;
  /** By the numbers that `author` stands for in these rows. */
  readonly authors: Readonly<Record<string, { readonly nodeId: string; readonly name: string }>>;
  readonly cursor: string | null;
}

/** What is sent as the answer of a method. */
export type WireResult<M extends ControlMethod> = M extends 'list'
  ? PackedPage
  : ControlRequests[M]['result'];

type Row = [
  shareId: string,
  name: string,
  kind: 'file' | 'folder' | null,
  size: number | null,
  author: number,
  createdAt: number,
  k: number,
  m: number,
  spare: number,
  superseded: 0 | 1,
];

const packed = z.object({
  rows: z.string(),
  authors: z.record(z.string(), z.object({ nodeId: z.string(), name: z.string() })),
  cursor: z.string().nullable(),
});

/** @throws PeerError `protocol` when this is no such page */
export function unpackPage(answer: unknown): ControlRequests['list']['result'] {
  const page = packed.safeParse(answer);
  if (!page.success) throw noList();
  const { rows, authors, cursor } = page.data;
  const shares = parseRows(rows).map((row): ListedShare => {
    const [shareId, name, kind, size, author, createdAt, k, m, spare, superseded] = row;
    const { nodeId: authorId = '', name: authorName = '' } = authors[author] ?? {};
    return {
      ...{ shareId, name, kind: kind ?? 'file', size: size ?? 0, authorId, authorName, createdAt },
      ...{ k, m, spare, superseded: superseded === 1 },
    };
  });
  return { shares, cursor };
}

function parseRows(text: string): readonly Row[] {
  try {
    const rows: unknown = JSON.parse(text);
    // From the process that proved the secret; thousands of rows are not held against a schema one by one.
    if (Array.isArray(rows) && rows.every(Array.isArray)) return rows as unknown as Row[];
  } catch (cause) {
    throw noList(cause);
  }
  throw noList();
}

function noList(cause?: unknown): PeerError {
  return new PeerError('protocol', 'The peer answers with no list.', { cause });
}
