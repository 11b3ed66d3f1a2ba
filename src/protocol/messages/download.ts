import * as z from 'zod';
import { bytesUpTo, hash, listOf, segment, shard, shareId, uint } from '../fields.js';
import { messageLimits as max } from '../limits.js';

/** Asks for one piece; it comes in the body of `ok`. */
export const pieceSchema = z.object({ t: z.literal('piece'), share: shareId, shard, segment });

/** Asks for one page of piece hashes. */
export const hashesSchema = z.object({
  t: z.literal('hashes'),
  share: shareId,
  shard,
  page: uint(max.pages - 1),
});

/** The page, in the body, and what ties it to the shard root. */
export const hashPageSchema = z.object({
  t: z.literal('hashes'),
  /** Hashes of all pages of the shard, 32 bytes each. */
  pages: bytesUpTo(32 * max.pages).refine(({ byteLength }) => byteLength % 32 === 0),
});

/** Asks the holder to re-read a shard and check every chunk. */
export const verifySchema = z.object({ t: z.literal('verify'), share: shareId, shard });

/** A sign of life of a long request, a few times a second at most. */
export const progressSchema = z.object({ t: z.literal('progress'), checked: uint() });

export const scannedSchema = z.object({
  t: z.literal('scanned'),
  /** Chunks checked. */
  chunks: uint(),
  /** Indices in the shard of bad chunks, the first ones. */
  bad: listOf(uint(), max.badChunks),
  root: hash,
});
