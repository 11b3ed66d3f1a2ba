import assert from 'node:assert/strict';
import { openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PeerError } from '../../src/common/errors.js';

function thrown(action: () => void): PeerError {
  try {
    action();
  } catch (error) {
    return PeerError.from(error);
  }
  throw new Error('nothing was thrown');
}

describe('an error that was thrown by something else', () => {
  it('of the disk gets a code, and words with the path', () => {
    const missing = path.join(tmpdir(), 'no-such-folder', 'file');
    const error = thrown(() => openSync(missing, 'r'));
    assert.equal(error.code, 'not-found');
    assert.equal(error.message, `There is no such file or folder: ${missing}.`);
  });

  it('of a full disk is told as such, whatever bound was met', () => {
    for (const code of ['ENOSPC', 'EDQUOT', 'EFBIG']) {
      const error = PeerError.from(Object.assign(new Error(`${code}: raw words`), { code }));
      assert.equal(error.code, 'disk-full');
      assert.equal(error.message, 'There is no room left on the disk.');
    }
  });

  it('is internal when nothing is known of it', () => {
    assert.equal(PeerError.from(new Error('odd')).code, 'internal');
    assert.equal(
      PeerError.from(Object.assign(new Error('odd'), { code: 'toString' })).code,
      'internal',
    );
    assert.equal(PeerError.from('odd').message, 'odd');
  });

  it('stays what it is when it is typed, and crosses a channel as plain data', () => {
    const error = new PeerError('limit', 'Too much.', { hint: 'Take less.', details: { most: 3 } });
    assert.equal(PeerError.from(error), error);
    const copy = PeerError.fromInfo(error.toInfo());
    assert.deepEqual(copy.toInfo(), error.toInfo());
    assert.ok(PeerError.is(copy, 'limit', 'usage'));
    assert.ok(!PeerError.is(copy, 'usage'));
  });

  it('of an abort is a cancellation', () => {
    const controller = new AbortController();
    controller.abort();
    assert.equal(thrown(() => controller.signal.throwIfAborted()).code, 'cancelled');
  });
});
