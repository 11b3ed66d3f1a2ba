import { contractVersions } from '../../../src/control/contract.js';
import { encodeFrame, FrameKind } from '../../../src/protocol/frame.js';
import { encodeMessage, type RequestMessage } from '../../../src/protocol/messages.js';
import * as samples from '../../protocol/samples.js';
import { mutate } from '../engine/mutate.js';
import { mutateValue } from '../engine/mutateValue.js';
import type { Attack, AttackContext } from './attack.js';
import { encodeLoosely } from './encodeLoosely.js';
import { pause, RawLink } from './rawLink.js';

/** How long a peer may take to see that it was sent nonsense. */
const refusedMs = 3_000;
const shortMs = 300;

/** Before the TLS handshake is done. */
export const beforeTls: readonly Attack[] = [
  tcp('noise', async (link, { random }) => {
    link.write(random.bytes(1 + random.below(20_000)));
    await link.closedWithin(refusedMs);
  }),
  tcp('changed ClientHello', async (link, { random, world: { clientHello } }) => {
    link.write(mutate(clientHello, { random, others: [clientHello], head: 0, maxBytes: 20_000 }));
    await link.closedWithin(shortMs);
  }),
  tcp('ClientHello byte by byte', async (link, { random, world: { clientHello } }) => {
    for (const byte of clientHello.subarray(0, random.below(200))) {
      link.write(Uint8Array.of(byte));
      if (await link.closedWithin(10)) return;
    }
  }),
  tcp('silence', async (link, { random }) => {
    await link.closedWithin(random.below(4_000));
  }),
  tcp('half a ClientHello, then a reset', async (link, { random, world: { clientHello } }) => {
    link.write(clientHello.subarray(0, random.below(clientHello.byteLength)));
    await pause(random.below(50));
    link.reset();
  }),
  tcp('HTTP', async (link) => {
    link.write(Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
    await link.closedWithin(refusedMs);
  }),
];

/** With a key that nobody admitted. */
export const beforeAdmission: readonly Attack[] = [
  tls('noise', async (link, { random }) => {
    link.write(random.bytes(16 + random.below(200_000)));
    await link.closedWithin(refusedMs);
  }),
  tls('changed frames', async (link, context) => {
    const { random } = context;
    const wire = Buffer.concat(Array.from({ length: 1 + random.below(4) }, () => frame(context)));
    link.write(mutate(wire, { random, others: [wire], head: 16, maxBytes: 300_000 }));
    await link.closedWithin(shortMs);
  }),
  tls('a greeting or token with hostile fields', async (link, context) => {
    const { random } = context;
    const message = mutateValue(greeting(context), random);
    link.write(...encodeFrame(FrameKind.request, 1 + random.below(9), encodeLoosely(message)));
    await link.closedWithin(refusedMs);
  }),
  tls('a request of members', async (link, context) => {
    link.write(frame(context));
    await link.closedWithin(refusedMs);
  }),
  tls('many greetings at once', async (link, context) => {
    for (let count = 0; count < 20; count++) {
      link.write(...encodeFrame(FrameKind.request, count + 1, encodeMessage(greeting(context))));
    }
    await link.closedWithin(refusedMs);
  }),
  tls('a long chain', async (link, { random, world }) => {
    const chain = Array.from({ length: 64 }, () => random.pick(world.records));
    if (random.oneIn(2)) chain.push(random.bytes(4096));
    const hello = { ...samples.requests.hello, group: world.groupId, chain };
    link.write(...encodeFrame(FrameKind.request, 1, encodeLoosely(hello)));
    await link.closedWithin(refusedMs);
  }),
  tls('huge lengths', async (link, { random }) => {
    const header = Buffer.concat(encodeFrame(FrameKind.request, 1));
    header.writeUInt32LE(random.pick([0xffff_ffff, 272 * 1024 + 1, 272 * 1024]), 8);
    header.writeUInt32LE(random.pick([0, 0xffff_ffff]), 12);
    link.write(header);
    await link.closedWithin(shortMs);
  }),
  tls('more than is read before admission', async (link) => {
    const filler = encodeFrame(FrameKind.cancel, 7)[0] ?? Buffer.alloc(0);
    link.write(Buffer.concat(Array.from({ length: 140_000 }, () => filler)));
    await link.closedWithin(refusedMs);
  }),
  tls('answers that nobody asked for', async (link, { random }) => {
    const kind = random.pick([
      FrameKind.response,
      FrameKind.progress,
      FrameKind.notify,
      FrameKind.error,
    ]);
    link.write(...encodeFrame(kind, random.below(3), encodeMessage(samples.responses.ping)));
    await link.closedWithin(refusedMs);
  }),
  tls('half a frame, and gone', async (link, context) => {
    const wire = frame(context);
    link.write(wire.subarray(0, context.random.below(wire.byteLength)));
    await pause(context.random.below(100));
    if (context.random.oneIn(2)) link.reset();
    else link.finish();
    await link.closedWithin(shortMs);
  }),
  tls('silence', async (link, { random }) => {
    await link.closedWithin(random.below(4_000));
  }),
];

/** On the socket of the control channel, without its secret. */
export const control: readonly Attack[] = [
  ['noise', (context: AttackContext) => context.random.bytes(1 + context.random.below(50_000))],
  ['a huge Content-Length', () => Buffer.from(`Content-Length: ${'9'.repeat(15)}\r\n\r\n{`)],
  ['a header without an end', () => Buffer.alloc(300_000, 'x: y\r\n')],
  ['a method before the proof', () => rpc({ jsonrpc: '2.0', id: 1, method: 'status' })],
  [
    'a hostile greeting',
    ({ random }: AttackContext) => {
      const params = { nonce: 'ab'.repeat(16), ...contractVersions, proof: '00'.repeat(32) };
      const method = random.pick(['$hello', '$prove']);
      return rpc({ jsonrpc: '2.0', id: 1, method, params: mutateValue(params, random) });
    },
  ],
].map(([name, make]) => ({
  name: String(name),
  run: async (context) => {
    const link = await RawLink.local(context.world.controlPath);
    if (link === null || typeof make !== 'function') return;
    link.write(make(context));
    await link.closedWithin(shortMs);
    link.destroy();
  },
}));

function rpc(message: object): Buffer {
  const text = JSON.stringify(message);
  return Buffer.from(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
}

type Use = (link: RawLink, context: AttackContext) => Promise<void>;

function tcp(name: string, use: Use): Attack {
  return attack(name, use, ({ world, localAddress }) => RawLink.tcp(world.address, localAddress));
}

function tls(name: string, use: Use): Attack {
  return attack(name, use, ({ world, random, localAddress }) => {
    const credentials = random.oneIn(8) ? {} : random.pick(world.strangers);
    return RawLink.tls(world.address, localAddress, credentials);
  });
}

function attack(
  name: string,
  use: Use,
  open: (context: AttackContext) => Promise<RawLink | null>,
): Attack {
  return {
    name,
    run: async (context) => {
      const link = await open(context);
      if (link === null) return;
      await use(link, context);
      link.destroy();
    },
  };
}

function greeting({ random, world }: AttackContext): RequestMessage {
  const { hello, redeem } = samples.requests;
  if (random.oneIn(3)) return redeem;
  const chain = random.oneIn(2) ? [...world.records].slice(0, 3) : [];
  return { ...hello, group: world.groupId, chain };
}

function frame(context: AttackContext): Uint8Array {
  const { random } = context;
  const name = random.pick(samples.requestNames);
  const message = random.oneIn(3) ? greeting(context) : samples.requests[name];
  return Buffer.concat(encodeFrame(FrameKind.request, 1 + random.below(5), encodeMessage(message)));
}
