import * as z from 'zod';
import { address, bytesUpTo, hash, listOf, nodeId, uint } from '../fields.js';
import { messageLimits as max } from '../limits.js';

export const pingSchema = z.object({ t: z.literal('ping') });
export const pongSchema = z.object({ t: z.literal('pong') });

/** Asks for what the other end learned after a place in its log. */
export const syncSchema = z.object({
  t: z.literal('sync'),
  /** Database epoch that `after` belongs to; null at the first time. */
  epoch: z.string().min(1).max(max.epochChars).nullable(),
  after: uint(),
  /** SHA-256 of the entry at that place, so that a log which was set back is noticed; null where it is not known. */
  id: hash.nullable(),
  /** Most entries wanted. */
  max: uint(max.entries).min(1),
});

/** From the start of the log when the epoch differs, or when another entry is at that place. */
export const entriesSchema = z.object({
  t: z.literal('entries'),
  epoch: z.string().min(1).max(max.epochChars),
  /** Sequence number of the last entry here; the next `after`. */
  last: uint(),
  more: z.boolean(),
  entries: listOf(
    z.object({
      kind: z.enum(['record', 'manifest', 'receipt', 'release', 'tombstone']),
      bytes: bytesUpTo(max.entryBytes),
    }),
    max.entries,
  ),
});

/** Asks where the other end has met members. */
export const contactsSchema = z.object({ t: z.literal('contacts') });

/** Hearsay: an address is only where to look, the key there decides who it is. */
export const contactListSchema = z.object({
  t: z.literal('contacts'),
  contacts: listOf(
    z.object({ id: nodeId, addresses: listOf(address, max.addresses) }),
    max.contacts,
  ),
});

/** Notification: the sender's log has grown. */
export const newsSchema = z.object({ t: z.literal('news'), last: uint() });
