/** A page of the list on its way over the channel: what SQLite wrote is taken apart by the client alone. */
import * as z from 'zod';
import { PeerError } from '../common/errors.js';
import type { ControlMethod, ControlRequests, ListedShare } from './contract.js';
import { JsonText } from './wire.js';

export interface PackedPage {
  readonly rows: readonly Row[];
  /** By the numbers that `author` stands for in these rows. */
  readonly authors: Readonly<Record<string, { readonly nodeId: string; readonly name: string }>>;
  readonly cursor: string | null;
}

/** What is sent as the answer of a method. */
export type WireResult<M extends ControlMethod> = M extends 'list'
  ? JsonText
  : ControlRequests[M]['result'];

type Row = [
  name: string,
  kind: 'file' | 'folder' | null,
  size: number | null,
  author: number,
  createdAt: number,
  k: number,
  m: number,
  spare: number,
  superseded: 0 | 1,
  shareId: string,
];

const packed = z.object({
  // From the process that proved the secret: what is in thousands of rows is not held against a schema one by one.
  rows: z.custom<Row[]>((rows) => Array.isArray(rows) && rows.every(Array.isArray)),
  authors: z.record(z.string(), z.object({ nodeId: z.string(), name: z.string() })),
  cursor: z.string().nullable(),
});

/** @param rows JSON of the rows, which nobody takes apart before the client */
export function packPage(
  rows: string,
  authors: PackedPage['authors'],
  cursor: string | null,
): JsonText {
  return new JsonText(
    `{"rows":${rows},"authors":${JSON.stringify(authors)},"cursor":${JSON.stringify(cursor)}}`,
  );
}

/** @throws PeerError `protocol` when this is no such page */
export function unpackPage(answer: unknown): ControlRequests['list']['result'] {
  const page = packed.safeParse(answer);
  if (!page.success) throw new PeerError('protocol', 'The peer answers with no list.');
  const { rows, authors, cursor } = page.data;
  const shares = rows.map((row): ListedShare => {
    const [name, kind, size, author, createdAt, k, m, spare, superseded, shareId] = row;
    const { nodeId: authorId = '', name: authorName = '' } = authors[author] ?? {};
    return {
      ...{ shareId, name, kind: kind ?? 'file', size: size ?? 0, authorId, authorName, createdAt },
      ...{ k, m, spare, superseded: superseded === 1 },
    };
  });
  return { shares, cursor };
}
