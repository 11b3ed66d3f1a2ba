import * as z from 'zod';
import { bytesUpTo, segment, shard, shareId, uint } from '../fields.js';
import { messageLimits as max } from '../limits.js';

/**
 * Asks a member to see to it that it holds a shard, whole: to make it from those of others, or to put right what it has.
 * Asked again, it says how far it is.
 */
export const takeSchema = z.object({
  t: z.literal('take'),
  share: shareId,
  shard,
  /** Whether somebody waits for it: if not, it takes its time. */
  now: z.boolean(),
});

export const takingSchema = z.object({
  t: z.literal('taking'),
  /** Bytes of pieces that are there, and of all. */
  done: uint(),
  total: uint(),
  /** The holder's signed promise, once the shard is whole and durable. */
  receipt: bytesUpTo(max.receiptBytes).nullable(),
});

/**
 * Tells another holder of the same shard that the sender is about to drop it, and asks whether it may rely on that one. The
 * answer is a receipt of this moment, with a piece that the asker chose in the body. A holder that is about to drop the shard
 * itself refuses with `in-use`.
 */
export const relySchema = z.object({ t: z.literal('rely'), share: shareId, shard, segment });
