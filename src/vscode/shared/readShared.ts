/** What the editor reads of shared files. Knows the peer, not the editor. */
import type { ControlClient, EntryInfo } from '../../control/contract.js';
import { PeerError } from '../../common/errors.js';
import type { SharedFile, SharedFolder } from './sharedFile.js';

/** Bytes that are read at once: taking them in is not noticed where people type. */
const partSize = 1024 * 1024;

/** Longest wait for one part, milliseconds. */
const partMs = 60_000;

/** Most entries of a folder that are listed. */
const mostEntries = 50_000;

/** Part of an answer: the bytes, and what they cost. */
export interface ReadPart {
  readonly bytes: Uint8Array;
  /** Bytes of pieces that holders sent for it. */
  readonly fetched: number;
}

/**
 * Bytes of a file from `offset` on, verified: as many as were asked for, as far as the file goes.
 *
 * @throws {PeerError} what `read` throws; `integrity` when the peer answers about something else
 */
export async function readRange(
  client: ControlClient,
  file: Pick<SharedFile, 'share' | 'entry' | 'size'>,
  { offset, length }: { readonly offset: number; readonly length: number },
  signal: AbortSignal,
): Promise<ReadPart> {
  const end = Math.min(file.size, offset + length);
  const whole = Buffer.alloc(Math.max(0, end - offset));
  let fetched = 0;
  for (let at = offset; at < end;) {
    const part = await readPart(client, file, at, end - at, signal);
    fetched += part.fetched;
    whole.set(part.bytes, at - offset);
    at += part.bytes.byteLength;
  }
  return { bytes: whole, fetched };
}

/** A whole file. @param onProgress told how many bytes there are @throws {PeerError} as {@link readRange} */
export async function readWhole(
  client: ControlClient,
  file: Pick<SharedFile, 'share' | 'entry' | 'size'>,
  signal: AbortSignal,
  onProgress: (bytes: number) => void = () => undefined,
): Promise<Uint8Array> {
  const whole = new Uint8Array(file.size);
  for (let at = 0; at < file.size;) {
    const { bytes } = await readPart(client, file, at, Math.min(partSize, file.size - at), signal);
    whole.set(bytes, at);
    at += bytes.byteLength;
    onProgress(at);
  }
  return whole;
}

/** One entry of a folder; null when there is none of that path. @throws {PeerError} */
export async function entryOf(
  client: ControlClient,
  shareId: string,
  path: string,
  signal: AbortSignal,
): Promise<Pick<EntryInfo, 'kind' | 'path' | 'size' | 'mtimeMs' | 'sha256'> | null> {
  const params = { share: shareId, under: path, cursor: null, limit: 1 };
  const { entries } = await client.request('entries', params, signal);
  const [first] = entries;
  if (first === undefined || first.path === path) return first ?? null;
  // No entry of its own, but something below it.
  return { kind: 'dir', path, size: 0, mtimeMs: 0, sha256: '' };
}

/** What a folder shows, each once. @throws {PeerError} `limit` when it is too much */
export async function entriesIn(
  client: ControlClient,
  { share, under }: SharedFolder,
  signal: AbortSignal,
): Promise<EntryInfo[]> {
  const found = new Map<string, EntryInfo>();
  let cursor: number | null = null;
  do {
    const page: { entries: readonly EntryInfo[]; cursor: number | null } = await client.request(
      'entries',
      {
        share: share.shareId,
        ...(under === '' ? {} : { under }),
        ...{ direct: true, cursor, limit: 5000 },
      },
      signal,
    );
    for (const entry of page.entries) found.set(entry.path, entry);
    cursor = page.cursor;
    if (found.size > mostEntries) {
      throw new PeerError('limit', 'This folder has too many entries to be shown.', {
        hint: 'Download it, or list it with “chunk-partitioner ls”.',
      });
    }
  } while (cursor !== null);
  return [...found.values()];
}

async function readPart(
  client: ControlClient,
  { share, entry, size }: Pick<SharedFile, 'share' | 'entry' | 'size'>,
  offset: number,
  length: number,
  outer: AbortSignal,
): Promise<ReadPart> {
  const signal = AbortSignal.any([outer, AbortSignal.timeout(partMs)]);
  const answer = await client.request(
    'read',
    {
      share: share.shareId,
      ...(entry === null ? {} : { entry }),
      ...{ offset, length: Math.min(partSize, length) },
    },
    signal,
  );
  const bytes = Buffer.from(answer.base64, 'base64');
  // The id may be the name of another share, once this one is deleted.
  const isSame = answer.shareId === share.shareId && answer.size === size;
  if (!isSame || bytes.byteLength === 0 || bytes.byteLength > length) {
    throw new PeerError('integrity', 'The peer answered with something else than this file.');
  }
  return { bytes, fetched: answer.fetched };
}
