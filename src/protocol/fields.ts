import * as z from 'zod';
import { plainText } from './errorCodes.js';
import { messageLimits as max } from './limits.js';

/** Building blocks of message schemas. Unknown fields of a message are dropped, unknown values refused. */
const someBytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);

/** Exactly `length` bytes. */
export const bytes = (length: number) =>
  someBytes.refine((value) => value.byteLength === length, `not ${String(length)} bytes`);

/** 1 to `most` bytes. */
export const bytesUpTo = (most: number) =>
  someBytes.refine(
    ({ byteLength }) => byteLength > 0 && byteLength <= most,
    `not 1 to ${String(most)} bytes`,
  );

/** An integer from 0 to `most`. */
export const uint = (most: number = Number.MAX_SAFE_INTEGER) => z.int().min(0).max(most);

/** Not made read-only by zod: it freezes whatever it was given, before it is known to be a list. */
export const listOf = <T extends z.ZodType>(item: T, most: number) =>
  z
    .array(item)
    .max(most)
    .transform((list): readonly z.infer<T>[] => list);

export const hash = bytes(32);
export const nodeId = bytes(32);
export const shareId = bytes(16);
export const shard = uint(max.shards - 1);
export const segment = uint(max.segments - 1);

/** Shown to people: no control or format characters, no space at the ends. */
export const name = z
  .string()
  .min(1)
  .max(max.nameChars)
  .refine((text) => text === plainText(text), 'a name with control characters');

/** `host:port`; parsed by whoever dials it. */
export const address = z
  .string()
  .min(3)
  .max(max.addressChars)
  .regex(/^[\x21-\x7e]+$/);
