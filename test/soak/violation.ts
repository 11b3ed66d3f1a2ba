import { PeerError, type ErrorCode } from '../../src/common/errors.js';
import { codeOfWireNumber } from '../../src/protocol/errorCodes.js';

/** Something that must be true is not. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/** Every code that an error may have, but the one for bugs. */
const known: ReadonlySet<ErrorCode> = new Set(
  Array.from({ length: 256 }, (_, number) => codeOfWireNumber(number)).filter(
    (code) => code !== 'internal',
  ),
);

/** How a request ended. */
export type Outcome<T> = { readonly value: T } | { readonly error: PeerError };

/** @throws Violation when it fails with something that is no typed error, or ends in no time */
export async function outcomeOf<T>(
  what: string,
  deadlineMs: number,
  request: Promise<T>,
): Promise<Outcome<T>> {
  try {
    return { value: await within(deadlineMs, what, request) };
  } catch (error) {
    if (error instanceof Violation) throw error;
    if (PeerError.is(error) && known.has(error.code)) return { error };
    throw new Violation(`${what} failed with something unknown: ${describe(error)}`);
  }
}

/** @throws Violation when it takes longer, and what the task throws */
export async function within<T>(ms: number, what: string, task: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new Violation(`${what} did not come within ${ms} ms`));
  }, ms);
  try {
    return await Promise.race([task, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** For people. */
export function describe(error: unknown): string {
  if (PeerError.is(error)) return `${error.code}: ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
