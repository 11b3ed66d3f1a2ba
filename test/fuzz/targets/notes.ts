import assert from 'node:assert/strict';
import { PeerError } from '../../../src/common/errors.js';
import { messageLimits } from '../../../src/protocol/limits.js';
import {
  decodeError,
  decodeNotification,
  decodeProgress,
  encodeError,
  encodeMessage,
} from '../../../src/protocol/messages.js';
import * as samples from '../../protocol/samples.js';
import { unlessRefused, type FuzzTarget } from '../target.js';

/** What needs no answer: progress, notifications, errors. */
export const notes: FuzzTarget = {
  name: 'notes',
  seeds: () => [
    encodeMessage(samples.progress),
    encodeMessage(samples.news),
    encodeError(new PeerError('not-found', 'No such shard.')),
  ],
  run: (input) => {
    unlessRefused(['protocol'], () => decodeProgress(input));
    unlessRefused(['protocol'], () => decodeNotification(input));
    const error = unlessRefused(['protocol'], () => decodeError(input));
    if (error === undefined) return;
    assert.ok(error.message.length <= messageLimits.errorChars && error.message !== '');
    assert.doesNotMatch(error.message, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    const again = decodeError(encodeError(error));
    assert.deepEqual([again.code, again.message], [error.code, error.message]);
  },
};
