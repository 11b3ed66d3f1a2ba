import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { PeerError } from '../../../src/common/errors.js';
import type { Membership } from '../../../src/peer/membership/membership.js';
import { AddressBook } from '../../../src/peer/mesh/addressBook.js';
import { Dialer } from '../../../src/peer/mesh/dialer.js';
import { turn, VirtualTime } from '../../support/virtualTime.js';
import { Actor } from '../support/actor.js';
import { admit } from '../support/group.js';
import { PeerFixture } from '../support/peerFixture.js';

describe('Dialer', () => {
  const anna = new Actor('anna');
  const bert = new Actor('bert');
  let fixture: PeerFixture;
  let membership: Membership;
  let book: AddressBook;
  let dialer: Dialer;
  let time: VirtualTime;
  let configured: string[];
  let online: Set<string>;
  let dials: { address: string; nodeId: string | undefined; signal: AbortSignal }[];
  let answer: (address: string, signal: AbortSignal) => Promise<string>;
  let misled: (string | undefined)[][];
  let changes: number;
  before(async () => {
    fixture = new PeerFixture();
    membership = await fixture.membership(new Actor('self'));
    await membership.createGroup('team', 'self');
    for (const one of [anna, bert]) await admit(membership, one);
  });
  beforeEach(async () => {
    book = await AddressBook.load((await fixture.store()).state);
    time = new VirtualTime();
    configured = [];
    online = new Set();
    dials = [];
    misled = [];
    changes = 0;
    answer = refuse;
    dialer = new Dialer({
      membership,
      addressBook: book,
      configured: () => configured,
      isOnline: (nodeId) => online.has(nodeId),
      own: () => ['own:1'],
      dial: (address, nodeId, signal) => {
        dials.push({ address, nodeId, signal });
        return answer(address, signal);
      },
      onMisled: (...facts) => misled.push(facts),
      onDidChange: () => (changes += 1),
      time,
      random: () => 1,
    });
  });
  afterEach(() => {
    dialer.dispose();
    assert.equal(time.pending, 0);
  });
  after(() => fixture.remove());

  function refuse(address: string): Promise<string> {
    return Promise.reject(new PeerError('unreachable', `Nobody at ${address}.`));
  }
  function wait(_address: string, signal: AbortSignal): Promise<string> {
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        reject(new PeerError('cancelled', 'Cancelled.'));
      });
    });
  }
  function another(address: string, nodeId: string | null): Promise<string> {
    const details = { address, nodeId };
    return Promise.reject(new PeerError('not-trusted', 'Another identity.', { details }));
  }
  const addresses = (): string[] => dials.map(({ address }) => address);
  /** Anna is there, whoever dialled, and leaves after a while. */
  const stays = async (ms: number): Promise<void> => {
    online.add(anna.nodeId);
    dialer.connected(anna.nodeId);
    await time.pass(ms);
    online.delete(anna.nodeId);
    dialer.lost(anna.nodeId);
    dialer.refresh();
  };

  it('does nothing before it starts, and nothing without a target', async () => {
    configured = ['a:1'];
    dialer.refresh();
    dialer.hint(anna.nodeId, 'a:1');
    assert.deepEqual(dials, []);
    configured = ['own:1'];
    await book.learn(anna.nodeId, ['own:1']);
    dialer.start();
    await dialer.dialAll();
    assert.deepEqual(dials, []);
  });

  it('tries again later and later, and tells when it did and why it failed', async () => {
    configured = ['a:1'];
    const before = Date.now();
    dialer.start();
    await turn();
    const last = dialer.lastAttempt('a:1') ?? assert.fail();
    assert.equal(last.problem?.code, 'unreachable');
    assert.ok(last.at >= before && last.at <= Date.now());
    assert.deepEqual(dialer.unmet(), ['a:1']);
    assert.equal(changes, 1);
    dialer.refresh();
    assert.equal(dials.length, 1);
    const waits = [1, 2, 4, 8, 16, 32, 60, 60].map((seconds) => seconds * 1000);
    for (const [index, ms] of waits.entries()) {
      assert.equal(time.next, ms);
      await time.pass(ms - 1);
      assert.equal(dials.length, 1 + index);
      await time.pass(1);
      assert.equal(dials.length, 2 + index);
    }
  });

  it('dials everybody at once when the network is another one, and starts the waits over', async () => {
    configured = ['a:1'];
    await book.learn(anna.nodeId, ['b:1']);
    dialer.start();
    await time.pass(20_000);
    const before = dials.length;
    dialer.restart();
    await turn();
    assert.deepEqual(addresses().slice(before), ['a:1', 'b:1']);
    assert.equal(time.next, 1000);
  });

  it('dials a target once at a time, and anew at once when asked to', async () => {
    configured = ['a:1'];
    answer = wait;
    dialer.start();
    dialer.refresh();
    dialer.restart();
    void dialer.dialAll();
    await turn();
    assert.equal(dials.length, 1);
    assert.ok(dialer.isConnecting('a:1'));
    dialer.dispose();
    await turn();
    assert.ok(!dialer.isConnecting('a:1'));
  });

  it('waits for all attempts, no longer than it is let', async () => {
    configured = ['a:1', 'b:1'];
    await dialer.dialAll();
    assert.deepEqual(addresses(), ['a:1', 'b:1']);
    answer = wait;
    const controller = new AbortController();
    const all = dialer.dialAll(controller.signal);
    controller.abort();
    await all;
    await dialer.dialAll(controller.signal);
  });

  it('has a bounded number of dials under way, configured addresses first', async () => {
    await book.learn(anna.nodeId, ['anna:1']);
    configured = Array.from({ length: 40 }, (_, i) => `c:${String(i)}`);
    const pending: (() => void)[] = [];
    answer = (address) =>
      new Promise((_resolve, reject) => {
        pending.push(() => {
          refuse(address).catch(reject);
        });
      });
    const all = dialer.dialAll();
    await turn();
    assert.deepEqual(addresses(), configured.slice(0, 16));
    pending.splice(0, 4).forEach((end) => {
      end();
    });
    await turn();
    assert.equal(dials.length, 20);
    while (pending.length > 0) {
      pending.shift()?.();
      await turn();
    }
    await all;
    assert.deepEqual(addresses(), [...configured, 'anna:1']);
  });

  it('does not run in circles with one who lets it in and hangs up', async () => {
    configured = ['a:1'];
    answer = () => Promise.resolve(anna.nodeId);
    await book.learn(anna.nodeId, ['a:1']);
    dialer.start();
    for (let i = 0; i < 20; i++) {
      await turn();
      dialer.refresh(); // as after a connection that ended
    }
    assert.equal(dials.length, 1);
    await time.pass(60_000);
    assert.equal(dials.length, 6); // after 1, 3, 7, 15, 31 s
  });

  for (const [ms, first, second] of [
    [30_000, 1000, 1000],
    [29_999, 1000, 2000],
  ] as const) {
    it(`waits up to ${String(second / 1000)} s after a second connection that lasted ${String(ms)} ms`, async () => {
      dialer.start();
      await stays(ms);
      assert.equal(time.next, first);
      await stays(ms);
      assert.equal(time.next, second);
    });
  }

  it('tries the addresses of a member one after the other, and leaves alone who is online', async () => {
    await book.learn(anna.nodeId, ['a:1', 'b:1', 'c:1']);
    answer = (address) => (address === 'b:1' ? Promise.resolve(anna.nodeId) : refuse(address));
    await dialer.dialAll();
    assert.deepEqual(addresses(), ['a:1', 'b:1']);
    assert.ok(dials.every(({ nodeId }) => nodeId === anna.nodeId));
    assert.equal(dialer.lastAttempt(anna.nodeId), undefined);
    online.add(anna.nodeId);
    await dialer.dialAll();
    assert.equal(dials.length, 2);
  });

  it('tries the address that the user named before those that were learned', async () => {
    await book.learn(anna.nodeId, ['a:1', 'b:1', 'own:1']);
    configured = ['b:1', 'c:1'];
    answer = (address) => (address === 'c:1' ? Promise.resolve(anna.nodeId) : refuse(address));
    await dialer.dialAll();
    assert.deepEqual(addresses(), ['c:1', 'b:1', 'a:1']);
    // It was met at c:1, which need not be in the book for that.
    assert.deepEqual(dialer.unmet(), []);
    dials = [];
    await dialer.dialAll();
    assert.deepEqual(addresses(), ['b:1', 'c:1']);
  });

  it('tells who answers at an address of a member, and why the best address failed', async () => {
    await book.learn(anna.nodeId, ['a:1', 'b:1', 'c:1', 'd:1', 'e:1']);
    answer = (address) => {
      if (address === 'b:1') return another(address, bert.nodeId);
      if (address === 'c:1') return another(address, null);
      if (address === 'd:1') return Promise.reject(new PeerError('protocol', 'No peer.'));
      if (address === 'e:1') return Promise.reject(new PeerError('not-trusted', 'Refused.'));
      return refuse(address);
    };
    await dialer.dialAll();
    assert.deepEqual(misled, [
      [anna.nodeId, 'b:1', bert.nodeId],
      [anna.nodeId, 'c:1', undefined],
      [anna.nodeId, 'd:1', undefined],
    ]);
    assert.equal(dialer.lastAttempt(anna.nodeId)?.problem?.code, 'unreachable');
  });

  describe('told where a member was heard', () => {
    it('tries that at once, and leaves the turn of its other addresses as it is', async () => {
      await book.learn(anna.nodeId, ['a:1']);
      dialer.start();
      await time.pass(1500);
      assert.deepEqual(addresses(), ['a:1', 'a:1']);
      assert.equal(time.next, 1500);
      dialer.hint(anna.nodeId, 'lan:1');
      await turn();
      assert.deepEqual(addresses(), ['a:1', 'a:1', 'lan:1']);
      assert.equal(dials[2]?.nodeId, anna.nodeId);
      assert.equal(time.next, 1500);
      dialer.hint(anna.nodeId, 'lan:1');
      await time.pass(1500);
      assert.deepEqual(addresses().slice(3), ['a:1']);
    });

    it('tries it next when it is dialling that member already', async () => {
      await book.learn(anna.nodeId, ['a:1', 'b:1']);
      const first = Promise.withResolvers<string>();
      answer = (address) => (address === 'a:1' ? first.promise : Promise.resolve(anna.nodeId));
      dialer.start();
      dialer.hint(anna.nodeId, 'lan:1');
      await turn();
      assert.deepEqual(addresses(), ['a:1']);
      first.reject(new PeerError('timeout', 'Silence.'));
      await turn();
      assert.deepEqual(addresses(), ['a:1', 'lan:1']);
    });

    it('leaves alone who is online, and its own address', async () => {
      dialer.start();
      dialer.hint(bert.nodeId, 'own:1');
      online.add(anna.nodeId);
      dialer.hint(anna.nodeId, 'lan:1');
      await turn();
      assert.deepEqual(dials, []);
    });

    it('dials no more often than its budget lets it, however many hints come', async () => {
      dialer.start();
      for (let i = 0; i < 6000; i++) {
        dialer.hint(
          [anna, bert][i % 2]?.nodeId ?? '',
          `10.0.${String(i >> 8)}.${String(i & 255)}:1`,
        );
        await time.pass(10);
      }
      assert.ok(dials.length >= 40 && dials.length <= 61, String(dials.length));
    });
  });

  it('stops what it began, and begins nothing afterwards', async () => {
    configured = ['z:1'];
    answer = wait;
    dialer.start();
    await turn();
    dialer.dispose();
    dialer.dispose();
    assert.ok(dials.every(({ signal }) => signal.aborted));
    const count = dials.length;
    await turn();
    dialer.refresh();
    dialer.restart();
    dialer.hint(anna.nodeId, 'lan:1');
    await dialer.dialAll();
    await time.pass(120_000);
    assert.equal(dials.length, count);
  });
});
