import * as z from 'zod';
import { address, bytes, bytesUpTo, hash, listOf, name, uint } from '../fields.js';
import { messageLimits as max } from '../limits.js';

const version = uint(0xffff);
const record = bytesUpTo(max.recordBytes);
/** Roster records from genesis to the sender's own admission. */
const chain = listOf(record, max.chain);
const addresses = listOf(address, max.addresses);

/** First message of whoever dialled: who I am in which group. */
export const helloSchema = z.object({
  t: z.literal('hello'),
  /** Lowest and highest version of the messages that the sender speaks. */
  versions: z
    .tuple([version, version])
    .refine(([lowest, highest]) => lowest <= highest)
    .transform((range): readonly [number, number] => range),
  group: hash,
  chain,
  /** Where the sender listens, best first. */
  addresses,
  /** Whether the sender promised to keep serving when its editor closes. */
  stays: z.boolean(),
});

/** Only this means: connected. */
export const welcomeSchema = z.object({
  t: z.literal('welcome'),
  version,
  chain,
  addresses,
  stays: z.boolean(),
});

/**
 * Answers the greeting of somebody who is no member any more, or ends a connection with it as a notification: the
 * records that tell why. Nothing else is said to it.
 */
export const removedSchema = z.object({ t: z.literal('removed'), records: chain });

/** A newcomer hands in the one-time token of an invite, instead of `hello`. */
export const redeemSchema = z.object({
  t: z.literal('redeem'),
  token: bytes(16),
  name,
  /** Public key for wrapped epoch keys: uncompressed P-256 point. */
  ecdh: bytes(65),
});

/** As many records as fit into one message, the newcomer's admission chain and epoch grants first. */
export const admittedSchema = z.object({
  t: z.literal('admitted'),
  records: listOf(record, max.records),
});
