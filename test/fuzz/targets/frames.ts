import assert from 'node:assert/strict';
import { encodeFrame, FrameKind } from '../../../src/protocol/frame.js';
import { FrameDecoder } from '../../../src/protocol/frameDecoder.js';
import { admittedFrame, handshakeFrame } from '../../../src/protocol/limits.js';
import { encodeMessage } from '../../../src/protocol/messages.js';
import * as samples from '../../protocol/samples.js';
import { unlessRefused, type FuzzTarget } from '../target.js';

interface Plain {
  readonly kind: FrameKind;
  readonly id: number;
  readonly message: Uint8Array;
  readonly body: Uint8Array;
}

/** The first byte says how the rest is split, and by which limits it is read. */
export const frames: FuzzTarget = {
  name: 'frames',
  head: 1,
  maxBytes: 140_000,
  seeds: () => {
    const request = encodeFrame(
      FrameKind.request,
      1,
      encodeMessage(samples.requests.put),
      samples.counting(60),
    );
    const cancel = encodeFrame(FrameKind.cancel, 1);
    const news = encodeFrame(FrameKind.notify, 0, encodeMessage(samples.news));
    return [
      Buffer.concat([Buffer.of(7), ...request, ...cancel]),
      Buffer.concat([Buffer.of(0x81), ...news, ...news]),
      Buffer.concat([Buffer.of(0x3f), ...encodeFrame(FrameKind.notify, 0, new Uint8Array(66_000))]),
    ];
  },
  run: (input) => {
    const [choice = 0] = input;
    const wire = input.subarray(1);
    const limits = choice >= 0x80 ? handshakeFrame : admittedFrame;
    const whole = read(wire, limits, wire.byteLength, false);
    assert.deepEqual(read(wire, limits, 1 + (choice & 0x3f), (choice & 0x40) !== 0), whole);
    const again = Buffer.concat(
      whole.frames.flatMap(({ kind, id, message, body }) => encodeFrame(kind, id, message, body)),
    );
    assert.ok(again.equals(wire.subarray(0, again.byteLength)), 'frames have one encoding');
  },
};

function read(
  wire: Uint8Array,
  limits: typeof admittedFrame,
  cut: number,
  collects: boolean,
): { readonly frames: Plain[]; readonly refused: boolean } {
  const decoder = new FrameDecoder(limits);
  const read: Plain[] = [];
  const done = unlessRefused(['limit', 'protocol', 'unsupported'], () => {
    for (let at = 0; at < wire.byteLength; at += cut) {
      const chunk = wire.subarray(at, at + cut);
      if (collects && decoder.collect(chunk)) continue;
      for (const { kind, id, message, body } of decoder.push(chunk)) {
        read.push({ kind, id, message, body: body.bytes });
      }
    }
    return true;
  });
  return { frames: read, refused: done === undefined };
}
