import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { hostname } from 'node:os';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { silentLogger } from '../../src/common/logger.js';
import type { Presence, Sighting } from '../../src/net/discovery.js';
import { MdnsDiscovery } from '../../src/net/mdns.js';
import { discoveryLimits } from '../../src/protocol/limits.js';
import { turn, VirtualTime } from '../support/virtualTime.js';
import { answer, ask, record, type DnsRecord } from './dnsPacket.js';

const group = '224.0.0.251';
const type = '_chunkpart._tcp.local';
const loopback = '127.0.0.1';

/** Everything on loopback, at a port of its own: nothing of it leaves this machine. */
describe('MdnsDiscovery', () => {
  let other: Socket;
  let port: number;
  let time: VirtualTime;
  let heard: Buffer[];
  let warnings: unknown[][];
  let discovery: MdnsDiscovery;
  const running: { dispose(): void }[] = [];
  before(async function () {
    other = createSocket({ type: 'udp4', reuseAddr: true }).bind(0);
    await once(other, 'listening');
    port = other.address().port;
    try {
      other.addMembership(group, loopback);
      other.setMulticastInterface(loopback);
    } catch {
      console.log('      skipped: this system has no multicast on its loopback');
      this.skip();
    }
    other.on('message', (message) => heard.push(message));
  });
  beforeEach(() => {
    heard = [];
    warnings = [];
    time = new VirtualTime();
    const logger = { ...silentLogger, warn: (...facts: unknown[]) => warnings.push(facts) };
    discovery = new MdnsDiscovery(logger, { group, port, time });
  });
  afterEach(async () => {
    for (const one of running.splice(0)) one.dispose();
    await turn();
    assert.equal(time.pending, 0);
  });
  after(() => {
    other.close();
  });

  const presence = (fields: Partial<Presence> = {}): Presence => ({
    instance: randomBytes(8).toString('hex'),
    tag: randomBytes(16).toString('base64url'),
    port: 7420,
    host: loopback,
    ...fields,
  });
  /** Starts, and waits until it has announced itself. */
  async function start(own: Presence, by = discovery): Promise<Sighting[]> {
    const seen: Sighting[] = [];
    running.push(by.start(own, (sighting) => seen.push(sighting)));
    await until(() => heard.some((packet) => packet.includes(own.instance)));
    return seen;
  }
  async function until(condition: () => boolean): Promise<void> {
    while (!condition())
      await new Promise<void>((resolve) =>
        other.once('message', () => {
          setImmediate(resolve);
        }),
      );
  }
  const say = (packet: Uint8Array): Promise<void> =>
    new Promise((resolve) => {
      other.send(packet, port, group, () => {
        resolve();
      });
    });
  /** Everything that was said before has been read by all when this answer comes. */
  async function settle(seen: Sighting[]): Promise<void> {
    const last = announcement(presence());
    const before = seen.length;
    await say(last);
    while (seen.length === before) await turn();
    seen.length = before;
  }
  function announcement({ instance, port: at, tag }: Presence, more: DnsRecord[] = []): Uint8Array {
    const name = `${instance}.${type}`;
    return answer([
      record.ptr(type, name),
      record.srv(name, `${instance}.local`, at),
      record.txt(name, [`t=${tag}`]),
      ...more,
    ]);
  }

  it('lets two find each other, whoever came first', async () => {
    const [anna, bert] = [presence(), presence({ port: 65_535 })];
    const byAnna = await start(anna);
    const byBert = await start(bert);
    const sees = (seen: Sighting[], { host: _, ...who }: Presence): boolean =>
      seen.some(
        (one) =>
          JSON.stringify(one) ===
          JSON.stringify({ instance: who.instance, tag: who.tag, port: who.port, host: loopback }),
      );
    while (!sees(byAnna, bert) || !sees(byBert, anna)) await turn();
    assert.deepEqual(warnings, []);
  });

  it('tells nothing of this machine but its addresses, and takes leave', async () => {
    const own = presence();
    await start(own);
    running.pop()?.dispose();
    await until(() => heard.length >= 4); // as below, and gone
    const text = Buffer.concat(heard).toString('latin1');
    assert.ok(text.includes(own.tag));
    // As a word of its own: a short name may stand in a random one by chance.
    assert.ok(
      !text
        .toLowerCase()
        .split(/[^a-z0-9-]+/)
        .includes(hostname().toLowerCase()),
    );
    const count = heard.length;
    await time.pass(600_000);
    await say(ask(type));
    await until(() => heard.length > count);
    assert.equal(heard.length, count + 1); // only the question
  });

  it('asks again, less and less often', async () => {
    await start(presence());
    assert.deepEqual([time.pending, time.next], [1, 2_000]);
    for (const wait of [8_000, 120_000, 120_000]) {
      await time.pass(time.next ?? 0);
      assert.deepEqual([time.pending, time.next], [1, wait]);
    }
  });

  it('hears the same again and again, and keeps none of it', async () => {
    const seen = await start(presence());
    const who = presence();
    for (let i = 0; i < 3; i++) await say(announcement(who));
    while (seen.length < 3) await turn();
    assert.ok(seen.every(({ instance }) => instance === who.instance));
  });

  it('does not look at what is not one of ours', async () => {
    const seen = await start(presence());
    const who = presence();
    const name = `${who.instance}.${type}`;
    const srv = record.srv(name, 'x.local', 7420);
    const txt = record.txt(name, [`t=${who.tag}`]);
    const ptr = record.ptr(type, name);
    const odd = `Printer.${type}`;
    const bad = [
      answer([ptr]),
      answer([ptr, srv]),
      answer([ptr, txt]),
      answer([ptr, record.srv(name, 'x.local', 0), txt]),
      answer([ptr, srv, record.txt(name, [`t=${who.tag}A`])]),
      answer([ptr, srv, record.txt(name, ['__proto__=x', 't'])]),
      answer([ptr, srv, record.txt(name, [])]),
      answer([
        record.ptr(type, odd),
        record.srv(odd, 'x.local', 7420),
        record.txt(odd, [`t=${who.tag}`]),
      ]),
      answer([record.ptr('_ipp._tcp.local', name), srv, txt]),
      answer([
        record.ptr(type, name, 0),
        record.srv(name, 'x.local', 1, 0),
        record.txt(name, [`t=${who.tag}`], 0),
      ]),
      announcement(
        who,
        Array.from({ length: discoveryLimits.records }, () => ptr),
      ),
      announcement(who, [
        record.txt(
          'x.local',
          Array.from({ length: 20 }, () => 'x'.repeat(250)),
        ),
      ]),
      announcement(who).slice(0, -1),
      announcement(who).slice(0, 11),
    ];
    for (const packet of bad) await say(packet);
    await settle(seen);
    assert.deepEqual(seen, []);
    await say(announcement(who));
    while (seen.length < 1) await turn();
  });

  it('goes on whatever bytes come', async () => {
    const seen = await start(presence());
    const packet = announcement(presence());
    const cut = fc.tuple(fc.nat(packet.length - 1), fc.nat(255), fc.nat(packet.length));
    await fc.assert(
      fc.asyncProperty(fc.array(cut, { minLength: 1, maxLength: 8 }), async (changes) => {
        time.jump(1_000); // let it through the budget
        const broken = Uint8Array.from(packet);
        for (const [at, value] of changes) broken[at] = value;
        await say(broken.subarray(0, changes.length > 6 ? changes[0]?.[2] : undefined));
        await settle(seen);
      }),
      { numRuns: 100 },
    );
  });

  it('reads no more of a flood than its budget, and answers even less', async () => {
    const own = presence();
    const seen = await start(own);
    await until(() => heard.length >= 3); // announced, asked, answered itself
    heard = [];
    time.jump(60_000);
    const rounds = 200;
    const isOwn = (packet: Buffer): boolean => packet.includes(own.instance);
    for (let round = 1; round <= rounds; round++) {
      await say(announcement(presence()));
      await say(ask(type, 10));
      time.jump(1);
      await until(() => heard.filter((packet) => !isOwn(packet)).length >= 2 * round);
    }
    const { packets, answers } = discoveryLimits;
    assert.ok(seen.length > 0 && seen.length <= packets.burst + rounds / packets.everyMs);
    const answered = heard.filter(isOwn).length;
    assert.ok(answered > 0 && answered <= answers.burst, `${String(answered)} answers`);
  });

  it('tells once that the network does not let it, and does no harm', async () => {
    const taken = createSocket({ type: 'udp4', reuseAddr: false }).bind(0);
    await once(taken, 'listening');
    const logger = { ...silentLogger, warn: (...facts: unknown[]) => warnings.push(facts) };
    const blocked = new MdnsDiscovery(logger, { group, port: taken.address().port, time });
    for (let i = 0; i < 3; i++) {
      const started = blocked.start(presence(), () => undefined);
      while (warnings.length === 0) await turn();
      await turn();
      started.dispose();
      started.dispose();
    }
    taken.close();
    const nowhere = discovery.start(presence({ host: '203.0.113.77' }), () => undefined);
    while (warnings.length < 2) await turn();
    nowhere.dispose();
    discovery.start(presence(), () => assert.fail()).dispose(); // before it began
    await turn();
    assert.equal(warnings[0]?.[1], 'EADDRINUSE');
    assert.equal(warnings.length, 2); // what the second is called depends on the system
  });
});
