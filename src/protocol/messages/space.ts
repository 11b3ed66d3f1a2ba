import * as z from 'zod';
import { uint } from '../fields.js';

/** Asks how much room the other end lends. */
export const spaceSchema = z.object({ t: z.literal('space') });

/** Bytes of shard files. */
export const spaceAnswerSchema = z.object({
  t: z.literal('space'),
  /** What others may take in all; null for as much as the disk has room for. */
  lends: uint().nullable(),
  /** What they have taken. */
  used: uint(),
});
