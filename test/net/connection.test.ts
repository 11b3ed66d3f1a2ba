import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { encode } from 'cborg';
import { PeerError, type ErrorCode } from '../../src/common/errors.js';
import { lend } from '../../src/common/memory.js';
import type { Connection, ConnectionOptions, RequestHandler } from '../../src/net/connection.js';
import type { Identity } from '../../src/net/identity.js';
import { encodeFrame, FrameKind } from '../../src/protocol/frame.js';
import { FrameDecoder } from '../../src/protocol/frameDecoder.js';
import { admittedFrame, connectionLimits } from '../../src/protocol/limits.js';
import {
  decodeError,
  encodeMessage,
  type RequestMessage,
  type RequestName,
} from '../../src/protocol/messages.js';
import type { Notification } from '../../src/protocol/messages.js';
import { removed, requests, responses } from '../protocol/samples.js';
import { closing, connectionOver, linkEnds, share, type Ends } from './connections.js';
import { newIdentity } from './identities.js';
import { LinkProbe } from './linkProbe.js';

const has =
  (...codes: ErrorCode[]) =>
  (error: unknown): boolean =>
    PeerError.is(error, ...codes);

const ok: RequestHandler = () => Promise.resolve({ message: { t: 'ok' } });
const pieceBytes = 1 << 20;
const piece: RequestMessage = { t: 'piece', share, shard: 0, segment: 0 };
const put: RequestMessage = { t: 'put', share, shard: 0, segment: 0 };
const seal: RequestMessage = { t: 'seal', share, shard: 0 };
const never: RequestHandler = () => new Promise(() => undefined);

/** Never answers, and tells when a request was taken back. */
function hanging(): { handler: RequestHandler; started: Promise<void>; aborted: Promise<void> } {
  const started = Promise.withResolvers<undefined>();
  const aborted = Promise.withResolvers<undefined>();
  const handler: RequestHandler = async (_, { signal }) => {
    started.resolve(undefined);
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => {
        resolve();
      });
    });
    aborted.resolve(undefined);
    throw signal.reason;
  };
  return { handler, started: started.promise, aborted: aborted.promise };
}

describe('connection', () => {
  let nearIdentity: Identity;
  let farIdentity: Identity;
  let ends: Ends;

  before(async () => {
    [nearIdentity, farIdentity] = await Promise.all([newIdentity(), newIdentity()]);
  });

  beforeEach(async () => {
    ends = await linkEnds(nearIdentity, farIdentity);
  });

  afterEach(() => {
    ends.dispose();
  });

  /** Both ends, admitted. */
  function admitted(
    handler: RequestHandler,
    options: Partial<ConnectionOptions> = {},
  ): [Connection, Connection] {
    const near = connectionOver(ends.near, options);
    const far = connectionOver(ends.far, { ...options, handler });
    near.admit();
    far.admit();
    return [near, far];
  }

  describe('before admission', () => {
    it('passes hello and its answer, and all else after it, nothing overtaking the answer', async () => {
      const near = connectionOver(ends.near, { handler: ok });
      let early: Promise<unknown> | undefined;
      let admissions = 0;
      const far: Connection = connectionOver(ends.far, {
        onAdmitted: () => {
          admissions += 1;
        },
        handler: ({ message }) => {
          if (message.t !== 'hello') return Promise.resolve({ message: { t: 'ok' } });
          far.admit();
          early = far.request(seal).catch((error: unknown) => error);
          far.notify({ t: 'news', last: 1 });
          return Promise.resolve({ message: responses.hello });
        },
      });
      const { message } = await near.request(requests.hello);
      assert.equal(message.t, 'welcome');
      near.admit();
      assert.deepEqual(
        [near, far].map(({ admitted }) => admitted),
        [true, true],
      );
      assert.equal(admissions, 1);
      await near.request({ t: 'abort', share, shard: 0 });
      assert.ok(has('protocol')(await early)); // `ok` is no answer to `seal`
    });

    it('keeps what a member sends at once until the owner has decided', async () => {
      const news: number[] = [];
      const { promise, resolve } = Promise.withResolvers<undefined>();
      const near = connectionOver(ends.near, {
        handler: ok,
        onNotification: (message) => {
          if (message.t === 'news') news.push(message.last);
          resolve(undefined);
        },
      });
      const far: Connection = connectionOver(ends.far, {
        onAdmitted: () => {
          far.notify({ t: 'news', last: 7 });
        },
        handler: () => {
          far.admit();
          return Promise.resolve({ message: responses.hello });
        },
      });
      await near.request(requests.hello);
      await new Promise((later) => setImmediate(later));
      assert.deepEqual(news, []);
      near.admit();
      await promise;
      assert.deepEqual(news, [7]);
    });

    it('passes redeem with many records, then hello', async () => {
      const near = connectionOver(ends.near);
      const records = Array.from({ length: 1000 }, () => new Uint8Array(1000));
      connectionOver(ends.far, {
        handler: ({ message }) =>
          Promise.resolve({
            message: message.t === 'redeem' ? { t: 'admitted', records } : responses.hello,
          }),
      });
      const { message } = await near.request(requests.redeem);
      assert.equal(message.records.length, 1000);
      const hello = await near.request(requests.hello);
      assert.ok(hello.message.t === 'welcome' && hello.message.version === 1);
    });

    it('asks and tells nothing else', async () => {
      const near = connectionOver(ends.near);
      const far = connectionOver(ends.far);
      await assert.rejects(near.request({ t: 'ping' }), has('protocol'));
      near.notify({ t: 'news', last: 1 });
      far.dispose();
      await closing(near);
      assert.equal(near.counters.sent, 0);
    });

    it('refuses every other request, with a reason and without asking the handler', async () => {
      const names = (Object.keys(requests) as RequestName[]).filter(
        (t) => t !== 'hello' && t !== 'redeem' && t !== 'put',
      );
      for (const t of names) {
        ends.dispose();
        ends = await linkEnds(nearIdentity, farIdentity);
        const probe = new LinkProbe(ends.near);
        const far = connectionOver(ends.far, { handler: () => assert.fail('asked') });
        const closed = closing(far);
        probe.link.write(encodeFrame(FrameKind.request, 1, encodeMessage(requests[t])));
        assert.equal((await closed).code, 'not-trusted', t);
        await probe.isClosed();
        const [frame] = new FrameDecoder(admittedFrame).push(probe.received);
        assert.ok(frame?.kind === FrameKind.error && frame.id === 0);
        assert.equal(decodeError(frame.message).code, 'not-trusted');
      }
    });

    it('ends on bodies, notifications and noise', async () => {
      const message = encodeMessage(requests.hello);
      const wrong = [
        encodeFrame(FrameKind.request, 1, message, Uint8Array.of(1)),
        encodeFrame(FrameKind.notify, 0, encodeMessage({ t: 'news', last: 1 })),
        encodeFrame(FrameKind.response, 1, encodeMessage({ t: 'ok' })),
        [Buffer.alloc(1 << 16, 0x41)],
        [Buffer.from('GET / HTTP/1.1\r\n\r\n')],
      ];
      for (const parts of wrong) {
        ends.dispose();
        ends = await linkEnds(nearIdentity, farIdentity);
        const probe = new LinkProbe(ends.near);
        const closed = closing(connectionOver(ends.far));
        probe.link.write(parts);
        assert.ok(has('protocol', 'limit', 'unsupported', 'not-trusted')(await closed));
        await probe.isClosed();
      }
    });

    it('ends after its deadline', async () => {
      const probe = new LinkProbe(ends.near);
      const far = connectionOver(ends.far, { limits: { handshakeMs: 50 } });
      assert.equal((await closing(far)).code, 'timeout');
      await probe.isClosed();
      const [frame, ...more] = new FrameDecoder(admittedFrame).push(probe.received);
      assert.ok(frame?.kind === FrameKind.error && more.length === 0);
      assert.equal(decodeError(frame.message).code, 'timeout');
    });

    it('takes no more than its bound of bytes', async () => {
      const probe = new LinkProbe(ends.near);
      const far = connectionOver(ends.far, {
        handler: () => Promise.reject(new PeerError('not-trusted', 'Refused.')),
        limits: { handshakeBytes: 4096 },
      });
      const closed = closing(far);
      for (let id = 1; id < 100; id += 1) {
        probe.link.write(encodeFrame(FrameKind.request, id, encodeMessage(requests.hello)));
      }
      assert.equal((await closed).code, 'limit');
    });

    it('gives out a refusal before it closes', async () => {
      const near = connectionOver(ends.near);
      const far: Connection = connectionOver(ends.far, {
        handler: () => {
          far.closeAfterAnswer();
          return Promise.reject(new PeerError('not-trusted', 'Refused.'));
        },
      });
      const closed = closing(near);
      await assert.rejects(near.request(requests.hello), has('not-trusted'));
      assert.equal((await closed).code, 'closed');
    });
  });

  describe('requests', () => {
    it('are answered each with its own, whatever the order', async () => {
      const open: (() => void)[] = [];
      const [near] = admitted(async ({ message }) => {
        if (message.t !== 'piece') throw new PeerError('internal', 'unexpected');
        const { segment } = message;
        await new Promise<void>((resolve) => {
          open.push(resolve);
          if (open.length === 3) for (const go of [...open].reverse()) go();
        });
        return { message: { t: 'ok' }, body: lend(new Uint8Array(100).fill(segment)) };
      });
      const answers = await Promise.all(
        [1, 2, 3].map((segment) => near.request({ t: 'piece', share, shard: 0, segment })),
      );
      assert.deepEqual(
        answers.map(({ body }) => [body.bytes.byteLength, body.bytes[0]]),
        [1, 2, 3].map((segment) => [100, segment]),
      );
    });

    it('go both ways at once, with bodies', async () => {
      const handler: RequestHandler = ({ message, body }) =>
        message.t === 'put'
          ? Promise.resolve({ message: { t: 'ok' } })
          : Promise.resolve({
              message: { t: 'ok' },
              body: lend(new Uint8Array(body.byteLength + 9)),
            });
      const near = connectionOver(ends.near, { handler });
      const far = connectionOver(ends.far, { handler });
      near.admit();
      far.admit();
      const body = new Uint8Array(pieceBytes);
      const asked = [near, far].flatMap((connection) => [
        ...Array.from({ length: 40 }, () => connection.request(put, { body })),
        ...Array.from({ length: 40 }, () => connection.request(piece)),
      ]);
      assert.equal((await Promise.all(asked)).length, 160);
    });

    it('carry the error of the other end: its code and its own words', async () => {
      const [near] = admitted(() => Promise.reject(new PeerError('not-found', 'No such shard.')));
      await assert.rejects(near.request(piece), { code: 'not-found', message: 'No such shard.' });
    });

    it('tell nothing of a bug at the other end', async () => {
      const logged: unknown[] = [];
      const logger = {
        debug: () => undefined,
        info: () => undefined,
        warn: () => undefined,
        error: (...facts: unknown[]) => logged.push(...facts),
      };
      const [near] = admitted(() => Promise.reject(new TypeError('secret')), { logger });
      await assert.rejects(
        near.request(piece),
        (error) => PeerError.is(error, 'internal') && !error.message.includes('secret'),
      );
      assert.ok(logged.some((fact) => fact instanceof TypeError));
    });

    it('end at their deadline, which tells the other end', async () => {
      const { handler, aborted } = hanging();
      const [near] = admitted(handler);
      await assert.rejects(near.request(seal, { timeoutMs: 40 }), has('timeout'));
      await aborted;
    });

    it('live on as long as progress comes', async () => {
      let now = performance.now();
      const seen: number[] = [];
      let told = Promise.withResolvers<undefined>();
      const [near] = admitted(async (_, { progress }) => {
        for (let checked = 1; checked <= 5; checked += 1) {
          told = Promise.withResolvers();
          progress({ t: 'progress', checked });
          await told.promise;
          now += 600;
          mock.timers.tick(600);
        }
        return { message: responses.verify };
      });
      mock.timers.enable({ apis: ['setTimeout'] });
      const clock = mock.method(performance, 'now', () => now);
      try {
        const { message } = await near.request(
          { t: 'verify', share, shard: 0 },
          {
            timeoutMs: 900,
            onProgress: ({ checked }) => {
              seen.push(checked);
              told.resolve(undefined);
            },
          },
        );
        assert.equal(message.chunks, 2154);
      } finally {
        clock.mock.restore();
        mock.timers.reset();
      }
      assert.deepEqual(seen, [1, 2, 3, 4, 5]);
    });

    it('that have no progress end the connection when there is some: they would never end', async () => {
      const [near] = admitted(async (_, { progress, signal }) => {
        progress({ t: 'progress', checked: 1 });
        await new Promise((resolve) => {
          signal.addEventListener('abort', resolve);
        });
        return { message: responses.seal };
      });
      await assert.rejects(near.request(seal), has('protocol'));
      assert.ok(near.closed);
    });

    it('are taken back by their signal; the late answer is dropped', async () => {
      const { handler, started, aborted } = hanging();
      let calls = 0;
      const [near] = admitted((request, context) =>
        (calls += 1) === 1 ? handler(request, context) : ok(request, context),
      );
      const controller = new AbortController();
      const cancelled = near.request(seal, { signal: controller.signal });
      await started;
      controller.abort();
      await assert.rejects(cancelled, has('cancelled'));
      await aborted;
      assert.equal((await near.request({ t: 'abort', share, shard: 0 })).message.t, 'ok');
      assert.equal(near.closed, false);
      const early = near.request(seal, { signal: AbortSignal.abort() });
      await assert.rejects(early, has('cancelled'));
    });

    it('of a name that the other end does not know are answered, and the connection lives', async () => {
      const probe = new LinkProbe(ends.near);
      const far = connectionOver(ends.far, { handler: ok });
      far.admit();
      const future = encode({ t: 'future', field: 1 });
      probe.link.write(encodeFrame(FrameKind.request, 1, future));
      probe.link.write(encodeFrame(FrameKind.notify, 0, future));
      probe.link.write(encodeFrame(FrameKind.request, 2, encodeMessage({ t: 'ping' })));
      const frames = [];
      const decoder = new FrameDecoder(admittedFrame);
      let read = 0;
      while (frames.length < 2) {
        await probe.has(read + 1);
        frames.push(...decoder.push(probe.received.subarray(read)));
        read = probe.bytes;
      }
      assert.deepEqual(
        frames.map(({ kind, id }) => [kind, id]),
        [
          [FrameKind.error, 1],
          [FrameKind.response, 2],
        ],
      );
      assert.equal(decodeError(frames[0]?.message ?? new Uint8Array()).code, 'unsupported');
    });

    it('wait for their turn: never more open than the other end takes', async () => {
      let running = 0;
      let most = 0;
      let release: () => void = () => undefined;
      const full = new Promise<void>((resolve) => (release = resolve));
      const [near] = admitted(
        async () => {
          running += 1;
          most = Math.max(most, running);
          if (running === 4) release();
          await full;
          running -= 1;
          return { message: { t: 'ok' } };
        },
        { limits: { requests: 4 } },
      );
      const abort = { t: 'abort', share, shard: 0 } as const;
      await Promise.all(Array.from({ length: 20 }, () => near.request(abort)));
      assert.equal(most, 4);
    });

    it('beyond the bound end the connection of one who does not keep to it', async () => {
      const probe = new LinkProbe(ends.near);
      const far = connectionOver(ends.far, { handler: never });
      far.admit();
      const closed = closing(far);
      for (let id = 1; id <= 65; id += 1) {
        probe.link.write(encodeFrame(FrameKind.request, id, encodeMessage(seal)));
      }
      assert.equal((await closed).code, 'limit');
      await probe.isClosed();
    });

    it('fail when the connection ends, on both ends, and handlers are told', async () => {
      const { handler, started, aborted } = hanging();
      const [near, far] = admitted(handler);
      const failed = assert.rejects(near.request(seal), has('closed'));
      await started;
      const closed = Promise.all([closing(near), closing(far)]);
      near.dispose();
      near.dispose();
      await Promise.all([failed, aborted, closed]);
      await assert.rejects(near.request(seal), has('closed'));
      await near.ready();
    });
  });

  describe('breaches', () => {
    const breaches: Record<string, { parts: Uint8Array[]; code: ErrorCode }> = {
      'an answer that nobody asked for': {
        parts: encodeFrame(FrameKind.response, 9, encodeMessage({ t: 'ok' })),
        code: 'protocol',
      },
      'a request without an id': {
        parts: encodeFrame(FrameKind.request, 0, encodeMessage(seal)),
        code: 'protocol',
      },
      'an id used twice': {
        parts: [
          ...encodeFrame(FrameKind.request, 1, encodeMessage(seal)),
          ...encodeFrame(FrameKind.request, 1, encodeMessage(seal)),
        ],
        code: 'protocol',
      },
      'a message of wrong contents': {
        parts: encodeFrame(FrameKind.request, 1, encodeMessage({ ...seal, shard: 999 })),
        code: 'protocol',
      },
      'a body that is not due': {
        parts: encodeFrame(FrameKind.request, 1, encodeMessage(seal), Uint8Array.of(1)),
        code: 'protocol',
      },
      'a body with a notification': {
        parts: encodeFrame(
          FrameKind.notify,
          0,
          encodeMessage({ t: 'news', last: 1 }),
          Uint8Array.of(1),
        ),
        code: 'protocol',
      },
      'an oversize frame': {
        parts: [Uint8Array.of(1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)],
        code: 'limit',
      },
      noise: { parts: [Buffer.alloc(100_000, 0x42)], code: 'unsupported' },
    };
    for (const [what, { parts, code }] of Object.entries(breaches)) {
      it(`end the connection with a reason: ${what}`, async () => {
        const probe = new LinkProbe(ends.near);
        const far = connectionOver(ends.far, { handler: never });
        far.admit();
        const closed = closing(far);
        probe.link.write(parts);
        assert.equal((await closed).code, code);
        await probe.isClosed();
      });
    }

    it('of the answering end fail the request, and tell why', async () => {
      const [near, far] = admitted(ok);
      const closed = Promise.all([closing(near), closing(far)]);
      await assert.rejects(near.request(seal), has('protocol'));
      const codes = (await closed).map(({ code }) => code);
      assert.deepEqual(codes, ['protocol', 'protocol']);
    });
  });

  describe('output', () => {
    it('is bounded when the other end does not read', async () => {
      const probe = new LinkProbe(ends.near);
      let produced = 0;
      const body = new Uint8Array(pieceBytes);
      const far = connectionOver(ends.far, {
        handler: () => {
          produced += 1;
          return Promise.resolve({ message: { t: 'ok' }, body: lend(body) });
        },
      });
      far.admit();
      probe.link.pause();
      for (let id = 1; id <= 64; id += 1) {
        probe.link.write(encodeFrame(FrameKind.request, id, encodeMessage(piece)));
      }
      await probe.hasDrained();
      // The far end has read all requests when it has answered the ping behind them.
      while (far.counters.received < 64 * 16) await new Promise((later) => setImmediate(later));
      for (let turn = 0; turn < 200; turn += 1) await new Promise((later) => setImmediate(later));
      assert.ok(ends.far.buffered <= 5 * pieceBytes, `${String(ends.far.buffered)} buffered`);
      assert.ok(produced < 64, `${String(produced)} produced`);
      probe.link.resume();
      await probe.has(64 * pieceBytes);
      assert.equal(produced, 64);
    });

    it('is bounded when pages of the log are not read', async () => {
      const probe = new LinkProbe(ends.near);
      let produced = 0;
      const entry = { kind: 'manifest', bytes: new Uint8Array(64 * 1024) } as const;
      const page = { ...responses.sync, entries: Array.from({ length: 8 }, () => entry) };
      const far = connectionOver(ends.far, {
        handler: () => {
          produced += 1;
          return Promise.resolve({ message: page });
        },
      });
      far.admit();
      probe.link.pause();
      for (let id = 1; id <= 64; id += 1) {
        probe.link.write(encodeFrame(FrameKind.request, id, encodeMessage(requests.sync)));
      }
      await probe.hasDrained();
      while (far.counters.received < 64 * 16) await new Promise((later) => setImmediate(later));
      for (let turn = 0; turn < 200; turn += 1) await new Promise((later) => setImmediate(later));
      assert.ok(produced < 32, `${String(produced)} produced`);
      probe.link.resume();
      await probe.has(64 * 8 * entry.bytes.byteLength);
      assert.equal(produced, 64);
    });

    it('ends the connection of one who asks and asks and does not read', async () => {
      const probe = new LinkProbe(ends.near);
      const far = connectionOver(ends.far, { handler: never, limits: { output: 1 << 16 } });
      far.admit();
      const closed = closing(far);
      probe.link.pause();
      const ping = encodeFrame(FrameKind.request, 1, encodeMessage({ t: 'ping' }));
      const pings = Buffer.concat(Array.from({ length: 10_000 }, () => ping).flat());
      while (!far.closed) {
        probe.link.write([pings]);
        await probe.hasDrained();
      }
      assert.equal((await closed).code, 'limit');
    });

    it('of pages is not produced before there is room for it', async () => {
      let produced = 0;
      const far = connectionOver(ends.far, {
        handler: () => {
          produced += 1;
          const entry = { kind: 'manifest', bytes: new Uint8Array(60_000) } as const;
          const entries = Array.from({ length: 16 }, () => entry);
          return Promise.resolve({
            message: { t: 'entries', epoch: 'e', last: 1, more: false, entries },
          });
        },
      });
      const near = connectionOver(ends.near);
      far.admit();
      near.admit();
      ends.near.pause();
      const asked = Array.from({ length: 60 }, () => near.request({ ...requests.sync }));
      for (let turn = 0; turn < 200; turn += 1) await new Promise((later) => setImmediate(later));
      assert.ok(produced > 0 && produced < 60, `${String(produced)} produced`);
      ends.near.resume();
      await Promise.all(asked);
      assert.equal(produced, 60);
    });

    it('of bodies waits for the other end to read', async () => {
      const near = connectionOver(ends.near);
      near.admit();
      const far = new LinkProbe(ends.far);
      far.link.pause();
      const body = new Uint8Array(pieceBytes);
      const asked = Array.from({ length: 30 }, () =>
        near.request(put, { body }).catch((error: unknown) => error),
      );
      for (let turn = 0; turn < 200; turn += 1) await new Promise((later) => setImmediate(later));
      assert.ok(ends.near.buffered <= 5 * pieceBytes, `${String(ends.near.buffered)} buffered`);
      let ready = false;
      const waiting = near.ready().then(() => (ready = true));
      await new Promise((later) => setImmediate(later));
      assert.equal(ready, false);
      far.link.resume();
      await waiting;
      near.dispose();
      for (const error of await Promise.all(asked)) assert.ok(has('closed')(error));
    });
  });

  it('ends with a reason, behind what the other end is to know', async () => {
    const notified: Notification[] = [];
    const near = connectionOver(ends.near);
    const far = connectionOver(ends.far, {
      handler: ok,
      onNotification: (message) => notified.push(message),
    });
    near.admit();
    far.admit();
    const closed = new Promise<PeerError>((resolve) => far.onDidClose(resolve));
    near.dismiss(new PeerError('not-trusted', 'Refused.'), removed);
    assert.equal((await closed).code, 'not-trusted');
    assert.deepEqual(notified, [removed]);
    assert.ok(near.closed);
    near.dismiss(new PeerError('not-trusted', 'Refused.'), removed);
  });

  it('tells the last of many news to one who reads late', async () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    const near = connectionOver(ends.near);
    const seen: number[] = [];
    const far = connectionOver(ends.far, {
      handler: ok,
      onNotification: (message) => {
        if (message.t !== 'news') return;
        seen.push(message.last);
        if (message.last === 1000) resolve(message.last);
      },
    });
    near.admit();
    far.admit();
    ends.far.pause();
    const body = new Uint8Array(pieceBytes);
    const asked = Array.from({ length: 20 }, () => near.request(put, { body }));
    for (let last = 1; last <= 1000; last += 1) near.notify({ t: 'news', last });
    ends.far.resume();
    await promise;
    assert.ok(seen.length < 1000);
    await Promise.all(asked);
  });

  describe('keepalive', () => {
    it('keeps a quiet connection whose other end lives', async () => {
      const limits = { pingMs: 100 };
      const near = connectionOver(ends.near, { limits });
      const far = connectionOver(ends.far);
      near.admit();
      far.admit();
      while (far.counters.received < 5 * 16) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      assert.ok(!near.closed && !far.closed);
    });

    it('ends a connection whose other end has fallen silent, after as many pings as may be missed', async () => {
      const probe = new LinkProbe(ends.far);
      const near = connectionOver(ends.near, { limits: { pingMs: 20 } });
      near.admit();
      assert.equal((await closing(near)).code, 'timeout');
      await probe.isClosed();
      const frames = [...new FrameDecoder(admittedFrame).push(probe.received)];
      const pings = frames.filter(({ kind }) => kind === FrameKind.request);
      assert.equal(pings.length, connectionLimits.missedPings);
    });

    it('asks at once when there is doubt, and gives up soon', async () => {
      const probe = new LinkProbe(ends.far);
      const near = connectionOver(ends.near, { limits: { probeMs: 20 } });
      near.probe(); // not admitted: the handshake has its own deadline
      near.admit();
      near.probe();
      near.probe();
      assert.equal((await closing(near)).code, 'timeout');
      await probe.isClosed();
      const frames = [...new FrameDecoder(admittedFrame).push(probe.received)];
      assert.equal(frames.length, 1);
    });

    it('keeps a connection whose other end answers when there was doubt', async () => {
      const [near, far] = admitted(never, { limits: { probeMs: 1000 } });
      near.probe();
      const doubtful = performance.now();
      while (performance.now() - doubtful < 1200) await near.request({ t: 'ping' });
      near.probe();
      near.dispose();
      assert.equal((await closing(far)).code, 'closed');
    });
  });
});
