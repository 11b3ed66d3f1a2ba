import assert from 'node:assert/strict';
import { PeerError, type ErrorCode } from '../../../src/common/errors.js';

/** The task fails with that code, whether it throws or rejects. @returns the error. */
export async function rejects(code: ErrorCode, task: () => unknown): Promise<PeerError> {
  try {
    await task();
  } catch (error) {
    assert.ok(PeerError.is(error), `not a PeerError: ${String(error)}`);
    assert.equal(error.code, code, error.message);
    return error;
  }
  return assert.fail(`did not fail with ${code}`);
}
