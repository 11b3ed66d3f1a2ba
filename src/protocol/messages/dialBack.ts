import * as z from 'zod';
import { address, listOf, uint } from '../fields.js';
import { messageLimits as max } from '../limits.js';

/** How a dial ended, in one word. `failed` is said where no more is to be told. */
export const dialOutcomes = [
  'reached',
  'refused', // nobody listens there
  'silent', // no answer in time
  'unresolved', // the name is none
  'no-route',
  'forbidden', // by the system of whoever dialled
  'stranger', // another key answers
  'no-peer', // another program answers
  'closed',
  'not-tried',
  'failed',
] as const;
export type DialOutcome = (typeof dialOutcomes)[number];

/** Asks the other end to dial addresses of this one, to see whether they lead here. */
export const dialBackSchema = z.object({
  t: z.literal('dialBack'),
  addresses: listOf(address, max.addresses),
});

export const dialledBackSchema = z.object({
  t: z.literal('dialledBack'),
  /** Host that the asker is seen at, without a port. */
  observed: z.string().max(max.addressChars),
  /** Clock of who answers, milliseconds since 1970. */
  now: uint(),
  results: listOf(
    z.object({
      address,
      /** A word that the reader does not know is `failed`. */
      outcome: z
        .string()
        .max(max.typeName)
        .transform((word): DialOutcome => dialOutcomes.find((known) => known === word) ?? 'failed'),
      /** How long it took. */
      ms: uint(),
    }),
    max.addresses + 1,
  ),
});
