/** Rows as SQLite gives them, checked: the file may have been changed by others. */
import * as z from 'zod';
import { PeerError } from '../../common/errors.js';

/** A handler set of the worker: the asynchronous port with its promises taken off. */
export type Synchronous<T> = {
  readonly [K in keyof T]: T[K] extends (...args: infer A) => Promise<infer R>
    ? (...args: A) => R
    : never;
};

export const blob = z.instanceof(Uint8Array);
export const flag = z.union([z.literal(0), z.literal(1)]).transform((value) => value === 1);

/** @throws {PeerError} `disk` when a row is not what this code writes. */
export function parseRow<S extends z.ZodType>(schema: S, row: unknown): z.output<S> {
  const parsed = schema.safeParse(row);
  if (parsed.success) return parsed.data;
  throw new PeerError('disk', 'The database holds a row that this program did not write.', {
    cause: parsed.error,
  });
}
