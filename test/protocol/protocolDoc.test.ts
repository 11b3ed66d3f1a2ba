import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { PeerError } from '../../src/common/errors.js';
import { codeOfWireNumber } from '../../src/protocol/errorCodes.js';
import { encodeFrame, FrameKind, type Frame } from '../../src/protocol/frame.js';
import { FrameDecoder } from '../../src/protocol/frameDecoder.js';
import { admittedFrame } from '../../src/protocol/limits.js';
import {
  decodeError,
  decodeNotification,
  decodeProgress,
  decodeRequest,
  decodeResponse,
  encodeError,
  encodeMessage,
} from '../../src/protocol/messages.js';
import * as samples from './samples.js';

const page = readFileSync(new URL('../../src/protocol/PROTOCOL.md', import.meta.url), 'utf8');

/** Frames of the section “Examples” by their titles. */
function examples(): ReadonlyMap<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  for (const [, title, block] of page.matchAll(/^#### (.+)\n\n```\n([^`]+)\n```$/gm)) {
    const hex = /^= ([0-9a-f\s]+)$/m.exec(block ?? '')?.[1]?.replace(/\s/g, '');
    assert.ok(title !== undefined && hex !== undefined, `${String(title)} has no frame`);
    found.set(title, new Uint8Array(Buffer.from(hex, 'hex')));
  }
  return found;
}

function decoded(wire: Uint8Array | undefined): Frame {
  assert.ok(wire, 'no such example');
  const [frame, ...more] = new FrameDecoder(admittedFrame).push(wire);
  assert.ok(frame);
  assert.equal(more.length, 0);
  return frame;
}

describe('PROTOCOL.md', () => {
  const shown = examples();
  const body = new Uint8Array(4).fill(0xdd);
  const none = new Uint8Array(0);

  it('shows every message once', () => {
    const titles = samples.requestNames.flatMap((t) => [`request ${t}`, `response to ${t}`]);
    assert.deepEqual(
      [...shown.keys()],
      [...titles, 'progress', 'news', 'removed', 'error', 'cancel'],
    );
  });

  for (const t of samples.requestNames) {
    it(`shows the bytes of ${t} and of its answer`, () => {
      const request = decoded(shown.get(`request ${t}`));
      assert.deepEqual(decodeRequest(request.message, request.body.bytes), samples.requests[t]);
      const response = decoded(shown.get(`response to ${t}`));
      assert.deepEqual(
        decodeResponse(t, response.message, response.body.bytes),
        samples.responses[t],
      );
      const bytes = (kind: FrameKind, message: Uint8Array, withBody: boolean): Uint8Array =>
        new Uint8Array(Buffer.concat(encodeFrame(kind, 1, message, withBody ? body : none)));
      assert.deepEqual(
        bytes(
          FrameKind.request,
          encodeMessage(samples.requests[t]),
          samples.withRequestBody.has(t),
        ),
        shown.get(`request ${t}`),
      );
      assert.deepEqual(
        bytes(
          FrameKind.response,
          encodeMessage(samples.responses[t]),
          samples.withResponseBody.has(t),
        ),
        shown.get(`response to ${t}`),
      );
    });
  }

  it('shows progress, notifications, an error and a cancellation', () => {
    assert.deepEqual(decodeProgress(decoded(shown.get('progress')).message), samples.progress);
    for (const name of ['news', 'removed'] as const) {
      assert.deepEqual(decodeNotification(decoded(shown.get(name)).message), samples[name]);
    }
    const failure = decoded(shown.get('error'));
    const { code, message } = decodeError(failure.message);
    assert.deepEqual([code, message], ['not-found', 'No such shard.']);
    assert.deepEqual(failure.message, encodeError(new PeerError(code, message)));
    const cancel = decoded(shown.get('cancel'));
    assert.deepEqual([cancel.kind, cancel.message.byteLength], [FrameKind.cancel, 0]);
  });

  it('lists the numbers of all error codes', () => {
    const listed = [...page.matchAll(/(\d+) +\| +`([a-z-]+)`/g)].map(
      ([, number, code]) => [Number(number), code] as const,
    );
    assert.equal(listed.length, 27);
    for (const [number, code] of listed) assert.equal(codeOfWireNumber(number), code);
  });
});
