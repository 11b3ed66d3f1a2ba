import assert from 'node:assert/strict';
import fc from 'fast-check';
import { lend } from '../../src/common/memory.js';
import { PeerError } from '../../src/common/errors.js';
import { encodeFrame, FrameKind, headerBytes, type Frame } from '../../src/protocol/frame.js';
import { FrameDecoder } from '../../src/protocol/frameDecoder.js';
import { admittedFrame, handshakeFrame } from '../../src/protocol/limits.js';

const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
const frames = fc.array(
  fc.record(
    {
      kind: fc.constantFrom(...Object.values(FrameKind)),
      id: fc.integer({ min: 0, max: 0xffff_ffff }),
      message: bytes(200),
      body: bytes(200),
    },
    { noNullPrototype: true },
  ),
  { maxLength: 8 },
);

interface Plain extends Pick<Frame, 'kind' | 'id' | 'message'> {
  readonly body: Uint8Array;
}

function plain({ body, ...rest }: Frame): Plain {
  return { ...rest, body: body.bytes };
}

function joined(list: readonly Plain[]): Uint8Array {
  return new Uint8Array(
    Buffer.concat(
      list.flatMap(({ kind, id, message, body }) => encodeFrame(kind, id, message, body)),
    ),
  );
}

function header(fields: {
  version?: number;
  kind?: number;
  flags?: number;
  message?: number;
  body?: number;
}) {
  const view = new DataView(new ArrayBuffer(headerBytes));
  view.setUint8(0, fields.version ?? 1);
  view.setUint8(1, fields.kind ?? 1);
  view.setUint16(2, fields.flags ?? 0, true);
  view.setUint32(8, fields.message ?? 0, true);
  view.setUint32(12, fields.body ?? 0, true);
  return new Uint8Array(view.buffer);
}

describe('frames', () => {
  it('come out as they went in, however they are split and joined on the way', () => {
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 300 })), (list, cuts) => {
        const decoder = new FrameDecoder(admittedFrame);
        const out: Plain[] = [];
        let rest = joined(list);
        for (const cut of [...cuts, Number.MAX_SAFE_INTEGER]) {
          for (const frame of decoder.push(rest.subarray(0, cut))) out.push(plain(frame));
          rest = rest.subarray(Math.min(cut, rest.byteLength));
        }
        assert.deepEqual(out, list);
      }),
    );
  });

  it('come out the same when bodies are collected past the generator', () => {
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 60 })), (list, cuts) => {
        const decoder = new FrameDecoder(admittedFrame);
        const out: Plain[] = [];
        let rest = joined(list);
        for (const cut of [...cuts, Number.MAX_SAFE_INTEGER]) {
          const chunk = rest.subarray(0, cut);
          if (!decoder.collect(chunk)) out.push(...[...decoder.push(chunk)].map(plain));
          rest = rest.subarray(Math.min(cut, rest.byteLength));
        }
        assert.deepEqual(out, list);
      }),
    );
  });

  it('come out of reads of one byte', () => {
    fc.assert(
      fc.property(frames, (list) => {
        const decoder = new FrameDecoder(admittedFrame);
        const out = [...joined(list)].flatMap((byte) => [...decoder.push(Uint8Array.of(byte))]);
        assert.deepEqual(out.map(plain), list);
      }),
      { numRuns: 30 },
    );
  });

  it('bring each body in memory that it asked for by its length, also a large one', () => {
    for (const length of [1, 512, 65_536, 65_537, admittedFrame.body]) {
      const body = new Uint8Array(length).fill(7);
      const wire = Buffer.concat(encodeFrame(FrameKind.request, 1, Uint8Array.of(0xf6), body));
      const asked: number[] = [];
      const decoder = new FrameDecoder(admittedFrame, {
        take: (size) => {
          asked.push(size);
          return lend(new Uint8Array(new SharedArrayBuffer(size)));
        },
      });
      const [frame] = [0, 1, 2].flatMap((third) => {
        const size = Math.ceil(wire.byteLength / 3);
        return [...decoder.push(wire.subarray(third * size, (third + 1) * size))];
      });
      assert.deepEqual(asked, [length]);
      assert.deepEqual(frame && Buffer.from(frame.body.bytes), Buffer.from(body));
    }
  });

  it('are encoded without copying the body', () => {
    const body = new Uint8Array(10);
    assert.equal(encodeFrame(FrameKind.request, 1, new Uint8Array(3), body)[1], body);
  });

  it('of a length beyond the limits are refused by the header alone', () => {
    const tooLong = [
      { limits: admittedFrame, fields: { message: admittedFrame.message + 1 } },
      { limits: admittedFrame, fields: { body: admittedFrame.body + 1 } },
      { limits: admittedFrame, fields: { body: 0xffff_ffff } },
      { limits: handshakeFrame, fields: { body: 1 } },
      { limits: handshakeFrame, fields: { message: handshakeFrame.message + 1 } },
    ];
    for (const { limits, fields } of tooLong) {
      assert.throws(
        () => [...new FrameDecoder(limits).push(header(fields))],
        (error) => PeerError.is(error, 'limit'),
      );
    }
  });

  it('do not take the memory that they only claim', () => {
    const before = process.memoryUsage().arrayBuffers;
    const decoders = Array.from({ length: 64 }, () => {
      const decoder = new FrameDecoder(admittedFrame);
      const { message, body } = admittedFrame;
      assert.deepEqual([...decoder.push(header({ message, body }))], []);
      return decoder;
    });
    const taken = process.memoryUsage().arrayBuffers - before;
    assert.equal(decoders.length, 64);
    assert.ok(taken < 64 * 256 * 1024, `${String(taken)} bytes for 64 headers`);
  });

  it('of another version, kind or flags are refused', () => {
    const push = (fields: Parameters<typeof header>[0]) => () => [
      ...new FrameDecoder(admittedFrame).push(header(fields)),
    ];
    assert.throws(push({ version: 2 }), (error) => PeerError.is(error, 'unsupported'));
    assert.throws(push({ kind: 0 }), (error) => PeerError.is(error, 'protocol'));
    assert.throws(push({ kind: 7 }), (error) => PeerError.is(error, 'protocol'));
    assert.throws(push({ flags: 1 }), (error) => PeerError.is(error, 'protocol'));
  });

  it('can change the limits for those that follow in the same read', () => {
    const decoder = new FrameDecoder(handshakeFrame);
    const second = encodeFrame(FrameKind.request, 2, Uint8Array.of(0xf6), Uint8Array.of(1));
    const wire = Buffer.concat([
      ...encodeFrame(FrameKind.response, 1, Uint8Array.of(0xf6)),
      ...second,
    ]);
    const ids: number[] = [];
    for (const { id } of decoder.push(wire)) {
      ids.push(id);
      decoder.setLimits(admittedFrame);
    }
    assert.deepEqual(ids, [1, 2]);
  });

  it('read from noise end in a typed error, or wait for more', () => {
    fc.assert(
      fc.property(fc.array(bytes(64), { maxLength: 6 }), (chunks) => {
        const decoder = new FrameDecoder(admittedFrame);
        try {
          for (const chunk of chunks)
            for (const frame of decoder.push(chunk)) assert.ok(frame.kind);
        } catch (error) {
          assert.ok(PeerError.is(error, 'limit', 'protocol', 'unsupported'));
        }
      }),
    );
  });
});
