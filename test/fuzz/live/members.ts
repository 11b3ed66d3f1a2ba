import { signManifest, decodeManifest } from '../../../src/chunk/manifest.js';
import { newShareId } from '../../../src/chunk/shareId.js';
import { encodeFrame, FrameKind } from '../../../src/protocol/frame.js';
import { encodeMessage, type RequestMessage } from '../../../src/protocol/messages.js';
import * as samples from '../../protocol/samples.js';
import { mutate } from '../engine/mutate.js';
import { mutateValue } from '../engine/mutateValue.js';
import type { Random } from '../engine/random.js';
import type { MemberAttack } from './attack.js';
import { encodeLoosely } from './encodeLoosely.js';
import { HostileMember } from './hostileMember.js';
import { hostilePage } from './hostilePage.js';
import { pause } from './rawLink.js';
import type { World } from './world.js';

/** Requests that may be open at once, and bytes of a body. */
const mostOpen = 64;
const largestBody = 2 << 20;

/** What a member may do that was admitted, and means harm. */
export const afterAdmission: readonly MemberAttack[] = [
  {
    name: 'noise',
    run: async ({ link }, { random }) => {
      for (let count = 0; count < 20 && !link.isClosed; count++) {
        link.write(random.bytes(1 + random.below(5_000)));
        await link.closedWithin(20);
      }
    },
  },
  {
    name: 'changed frames',
    run: async ({ link }, { random, world }) => {
      for (let count = 0; count < 20 && !link.isClosed; count++) {
        const parts = Array.from({ length: 1 + random.below(5) }, (_, at) =>
          Buffer.concat(
            encodeFrame(
              FrameKind.request,
              1000 + at,
              encodeMessage(sound(world, random)),
              body(random),
            ),
          ),
        );
        const wire = Buffer.concat(parts);
        link.write(mutate(wire, { random, others: [wire], head: 16, maxBytes: 3 << 20 }));
        await link.closedWithin(20);
      }
    },
  },
  {
    name: 'requests with hostile fields',
    run: async (member, { random, world }) => {
      for (let count = 0; count < 100 && !member.link.isClosed; count++) {
        const message = mutateValue(sound(world, random), random);
        member.askBytes(encodeLoosely(message), random.oneIn(4) ? body(random) : undefined);
        await member.answered(8, 500);
      }
    },
  },
  {
    name: 'true requests, at random',
    run: async (member, { random, world }) => {
      for (let count = 0; count < 300 && !member.link.isClosed; count++) {
        const message = sound(world, random);
        member.ask(message, message.t === 'put' ? random.bytes(512) : undefined);
        await member.answered(40, 2_000);
      }
      await member.answered(0, 2_000);
    },
  },
  {
    name: 'more requests than are taken',
    run: async (member, { random, world }) => {
      for (let count = 0; count < 5 * mostOpen; count++) member.ask(wanted(world, random));
      await member.link.closedWithin(3_000);
    },
  },
  {
    name: 'endless wants, all read',
    run: async (member, { random, world }) => {
      const until = performance.now() + 3_000;
      while (performance.now() < until && !member.link.isClosed) {
        member.ask(wanted(world, random));
        await member.answered(mostOpen - 2, 1_000);
      }
    },
  },
  {
    name: 'endless wants, none read',
    run: async (member, { random, world }) => {
      member.link.stopReading();
      for (let count = 0; count < mostOpen; count++) member.ask(wanted(world, random));
      await pause(random.below(4_000));
    },
  },
  {
    name: 'answers that nobody asked for',
    run: async ({ link }, { random }) => {
      const kind = random.pick([FrameKind.response, FrameKind.error, FrameKind.progress]);
      const message = encodeMessage(samples.responses[random.pick(samples.requestNames)]);
      link.write(...encodeFrame(kind, 1 + random.below(1e6), message, body(random)));
      await link.closedWithin(2_000);
    },
  },
  {
    name: 'pieces that nobody asked for',
    run: async (member, { random, world }) => {
      for (let count = 0; count < 40 && !member.link.isClosed; count++) {
        const share = random.oneIn(2) ? random.pick(world.shareIds) : random.bytes(16);
        const bytes = Buffer.alloc(random.pick([1, 512, 540_000, largestBody, largestBody + 1]), 7);
        member.ask({ t: 'put', share, shard: random.below(4), segment: random.below(3) }, bytes);
        await member.answered(16, 2_000);
      }
      await member.answered(0, 2_000);
    },
  },
  {
    name: 'uploads that are never finished',
    run: async (member, { random, world }) => {
      const { groupId } = world;
      const { identity } = member;
      for (let count = 0; count < 30 && !member.link.isClosed; count++) {
        const { shareId: share, random: proof } = newShareId(
          groupId,
          Buffer.from(identity.nodeId, 'hex'),
        );
        const geometry = random.pick(geometries);
        const shard = random.below(geometry.k + geometry.m);
        member.ask({ t: 'stage', share, shard, geometry, random: proof, holders: [] });
        for (let segment = 0; segment < Math.min(4, geometry.segments); segment++) {
          const chunks = segment === geometry.segments - 1 ? geometry.lastQ : geometry.q;
          member.ask({ t: 'put', share, shard, segment }, Buffer.alloc(chunks * 512, count));
        }
        member.ask({ t: 'seal', share, shard });
        if (!random.oneIn(20)) member.ask({ t: 'abort', share, shard });
        await member.answered(20, 3_000);
      }
      await member.answered(0, 3_000);
    },
  },
  {
    name: 'commits of nonsense',
    run: async (member, { random, world }) => {
      for (let count = 0; count < 10 && !member.link.isClosed; count++) {
        const receipts = Array.from({ length: 255 }, () =>
          changed(random.pick(world.receipts), random),
        );
        const manifest = random.oneIn(2)
          ? changed(random.pick(world.manifests), random)
          : claimed(member, world, random);
        member.ask({ t: 'commit', manifest, receipts });
        await member.answered(8, 3_000);
      }
      await member.answered(0, 3_000);
    },
  },
  {
    name: 'news of nonsense',
    run: async (member, { random, world }) => {
      member.onAsked = (frame) => {
        member.link.write(
          ...encodeFrame(FrameKind.response, frame.id, hostilePage(frame, world, random)),
        );
      };
      for (let count = 0; count < 40 && !member.link.isClosed; count++) {
        const news = encodeMessage({ t: 'news', last: random.next() });
        for (let times = 0; times < 50; times++)
          member.link.write(...encodeFrame(FrameKind.notify, 0, news));
        await pause(75);
      }
    },
  },
  {
    name: 'no answers',
    run: async (member, { random }) => {
      member.onAsked = () => undefined;
      const news = encodeMessage({ t: 'news', last: 9 });
      member.link.write(...encodeFrame(FrameKind.notify, 0, news));
      await member.link.closedWithin(random.below(8_000));
    },
  },
  {
    name: 'verifications, given up at once',
    run: async (member, { random, world }) => {
      for (let count = 0; count < mostOpen - 4; count++) {
        member.ask({ t: 'verify', share: random.pick(world.shareIds), shard: random.below(2) });
      }
      await pause(random.below(60));
    },
  },
  {
    name: 'cancelled requests, and ids again',
    run: async (member, { random, world }) => {
      for (let count = 0; count < 300 && !member.link.isClosed; count++) {
        const id = member.ask(wanted(world, random));
        if (!random.oneIn(3)) member.link.write(...encodeFrame(FrameKind.cancel, id));
        if (random.oneIn(100)) {
          const again = encodeMessage(wanted(world, random));
          member.link.write(...encodeFrame(FrameKind.request, id, again));
        }
        await member.answered(mostOpen - 4, 1_000);
      }
    },
  },
  {
    name: 'bytes one by one',
    run: async ({ link }, { random, world }) => {
      const wire = Buffer.concat(
        encodeFrame(FrameKind.request, 99, encodeMessage(wanted(world, random))),
      );
      for (const byte of wire) {
        link.write(Uint8Array.of(byte));
        await pause(3);
      }
    },
  },
  {
    name: 'half a body, and gone',
    run: async ({ link }, { random, world }) => {
      const put = { t: 'put', share: random.pick(world.shareIds), shard: 0, segment: 0 } as const;
      const wire = Buffer.concat(
        encodeFrame(FrameKind.request, 99, encodeMessage(put), Buffer.alloc(largestBody)),
      );
      link.write(wire.subarray(0, random.below(wire.byteLength)));
      await link.drained(500);
      if (random.oneIn(2)) link.reset();
      else link.finish();
      await link.closedWithin(1_000);
    },
  },
  {
    name: 'a body that never ends',
    run: async ({ link }, { random, world }) => {
      const put = { t: 'put', share: random.pick(world.shareIds), shard: 0, segment: 0 } as const;
      const [head = new Uint8Array(0)] = encodeFrame(
        FrameKind.request,
        99,
        encodeMessage(put),
        Buffer.alloc(largestBody),
      );
      link.write(head, Buffer.alloc(largestBody - 1));
      await pause(random.below(6_000));
    },
  },
  {
    name: 'many connections of one member',
    run: async (member, { world, localAddress }) => {
      const more = await Promise.all(
        Array.from({ length: 8 }, () => HostileMember.enter(world, member.identity, localAddress)),
      );
      for (const one of more) one?.ask({ t: 'contacts' });
      await pause(100);
      for (const one of more) one?.link.destroy();
    },
  },
];

/** A request that breaks no rule of form. */
function sound(world: World, random: Random): RequestMessage {
  const name = random.pick(samples.requestNames);
  const message = random.oneIn(3) ? wanted(world, random) : samples.requests[name];
  return 'share' in message ? { ...message, share: random.pick(world.shareIds) } : message;
}

/** What brings much for little. */
function wanted(world: World, random: Random): RequestMessage {
  const share = random.pick(world.shareIds);
  const shard = random.below(3);
  return random.pick<RequestMessage>([
    { t: 'piece', share, shard, segment: random.below(4) },
    { t: 'hashes', share, shard, page: 0 },
    { t: 'sync', id: null, epoch: null, after: 0, max: 1024 },
    { t: 'contacts' },
    { t: 'ping' },
  ]);
}

function body(random: Random): Uint8Array | undefined {
  return random.oneIn(2) ? undefined : random.bytes(random.pick([1, 512, 5_000]));
}

function changed(wire: Uint8Array, random: Random): Uint8Array {
  return random.oneIn(4) ? wire : mutate(wire, { random, others: [wire], head: 0, maxBytes: 1000 });
}

/** A manifest that is signed, and that no shard belongs to. */
function claimed({ identity }: HostileMember, world: World, random: Random): Uint8Array {
  const authorId = Buffer.from(identity.nodeId, 'hex');
  const own = newShareId(world.groupId, authorId);
  const manifest = decodeManifest(random.pick(world.manifests));
  const sealed = random.bytes(768);
  return signManifest({ ...manifest, ...own, authorId, sealed }, (data) => identity.sign(data));
}

const geometries = [
  { k: 1, m: 1, q: 1, segments: 1, lastQ: 1 },
  { k: 2, m: 2, q: 4, segments: 3, lastQ: 2 },
  { k: 1, m: 0, q: 2114, segments: 2, lastQ: 2114 },
  { k: 4, m: 6, q: 1, segments: 4096, lastQ: 1 },
  { k: 255, m: 0, q: 8, segments: 2 ** 20, lastQ: 8 },
  { k: 255, m: 0, q: 8, segments: 2 ** 26, lastQ: 8 },
];
