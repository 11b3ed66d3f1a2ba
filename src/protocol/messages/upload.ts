import * as z from 'zod';
import { validateGeometry } from '../../chunk/geometry.js';
import { bytes, bytesUpTo, listOf, nodeId, segment, shard, shareId, uint } from '../fields.js';
import { messageLimits as max } from '../limits.js';

const geometry = z
  .object({
    k: uint(max.shards).min(1),
    m: uint(max.shards - 1),
    q: uint().min(1),
    segments: uint(max.segments).min(1),
    lastQ: uint().min(1),
  })
  .refine((value) => {
    validateGeometry(value);
    return true;
  });

/** Announces a shard: the holder makes room for it. */
export const stageSchema = z.object({
  t: z.literal('stage'),
  share: shareId,
  shard,
  geometry,
  /** The share id is the hash of group, author and this. */
  random: bytes(16),
  /** All holders by shard. */
  holders: listOf(nodeId, max.holders),
});

/** One piece, in the body. */
export const putSchema = z.object({ t: z.literal('put'), share: shareId, shard, segment });

/** Which pieces have arrived? Asked by an author that goes on; answered by a page of hashes in the body of `ok`. */
export const stagedSchema = z.object({
  t: z.literal('staged'),
  share: shareId,
  shard,
  page: uint(max.pages - 1),
});

/** All pieces are sent: make the shard durable. */
export const sealSchema = z.object({ t: z.literal('seal'), share: shareId, shard });

/** The holder's signed promise. */
export const receiptSchema = z.object({
  t: z.literal('receipt'),
  bytes: bytesUpTo(max.receiptBytes),
});

export const commitSchema = z.object({
  t: z.literal('commit'),
  manifest: bytesUpTo(max.manifestBytes),
  receipts: listOf(bytesUpTo(max.receiptBytes), max.receipts),
});

export const abortSchema = z.object({ t: z.literal('abort'), share: shareId, shard });

export const okSchema = z.object({ t: z.literal('ok') });
