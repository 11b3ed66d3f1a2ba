import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { describe, it } from 'mocha';
import { PeerError } from '../../../src/common/errors.js';
import type { Membership } from '../../../src/peer/membership/membership.js';
import { AddressBook } from '../../../src/peer/mesh/addressBook.js';
import { Dialer } from '../../../src/peer/mesh/dialer.js';
import { Actor } from '../support/actor.js';
import { admit } from '../support/group.js';
import { PeerFixture } from '../support/peerFixture.js';

const turn = (): Promise<void> => new Promise(setImmediate);

describe('Dialer', () => {
  const anna = new Actor('anna');
  let fixture: PeerFixture;
  let membership: Membership;
  let book: AddressBook;
  let dialer: Dialer;
  let configured: string[];
  let online: Set<string>;
  let dials: { address: string; nodeId: string | undefined; signal: AbortSignal }[];
  let answer: (address: string, signal: AbortSignal) => Promise<string>;
  let changes: number;
  before(async () => {
    fixture = new PeerFixture();
    const store = await fixture.store();
    membership = await fixture.membership(new Actor('self'), store);
    await membership.createGroup('team', 'self');
    await admit(membership, anna);
    book = await AddressBook.load(store.state);
  });
  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    configured = [];
    online = new Set();
    dials = [];
    changes = 0;
    answer = refuse;
    dialer = new Dialer({
      membership,
      addressBook: book,
      configured: () => configured,
      isOnline: (nodeId) => online.has(nodeId),
      isOwn: (address) => address === 'own:1',
      dial: (address, nodeId, signal) => {
        dials.push({ address, nodeId, signal });
        return answer(address, signal);
      },
      onDidChange: () => (changes += 1),
    });
  });
  afterEach(() => {
    dialer.dispose();
    mock.timers.reset();
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
  const addresses = (): string[] => dials.map(({ address }) => address);

  it('does nothing before it starts, and nothing without a target', async () => {
    configured = ['a:1'];
    dialer.refresh();
    assert.deepEqual(dials, []);
    configured = ['own:1'];
    dialer.start();
    await dialer.dialAll();
    assert.deepEqual(dials, []);
  });

  it('tries again later and later, and tells why it failed', async () => {
    configured = ['a:1'];
    dialer.start();
    await turn();
    assert.equal(dialer.problemOf('a:1')?.code, 'unreachable');
    assert.deepEqual(dialer.unmet(), ['a:1']);
    assert.equal(changes, 1);
    dialer.refresh();
    assert.equal(dials.length, 1);
    for (const ms of [1100, 2200, 4400]) {
      mock.timers.tick(ms);
      await turn();
    }
    assert.equal(dials.length, 4);
    mock.timers.tick(4400);
    assert.equal(dials.length, 4);
  });

  it('dials a target once at a time, and anew at once when asked to', async () => {
    configured = ['a:1'];
    answer = wait;
    dialer.start();
    dialer.refresh();
    void dialer.dialAll();
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

  it('does not run in circles with one who lets it in and hangs up', async () => {
    configured = ['a:1'];
    answer = () => {
      queueMicrotask(() => {
        dialer.refresh();
      });
      return Promise.resolve(anna.nodeId);
    };
    await book.learn(anna.nodeId, ['a:1']);
    dialer.start();
    for (let i = 0; i < 20; i++) {
      await turn();
      dialer.refresh(); // as after a connection that ended
    }
    assert.equal(dials.length, 1);
    mock.timers.tick(1000);
    await turn();
    assert.equal(dials.length, 2);
  });

  it('tries the addresses of a member one after the other, and leaves alone who is online', async () => {
    await book.learn(anna.nodeId, ['a:1', 'b:1', 'c:1']);
    answer = (address) => (address === 'b:1' ? Promise.resolve(anna.nodeId) : refuse(address));
    configured = ['a:1'];
    await dialer.dialAll();
    assert.deepEqual(addresses(), ['a:1', 'b:1']);
    assert.ok(dials.every(({ nodeId }) => nodeId === anna.nodeId));
    assert.equal(dialer.problemOf(anna.nodeId), undefined);
    online.add(anna.nodeId);
    await dialer.dialAll();
    assert.equal(dials.length, 2);
  });

  it('stops what it began, and begins nothing afterwards', async () => {
    configured = ['z:1'];
    answer = wait;
    dialer.start();
    dialer.dispose();
    dialer.dispose();
    assert.ok(dials.every(({ signal }) => signal.aborted));
    const count = dials.length;
    await turn();
    dialer.refresh();
    await dialer.dialAll();
    mock.timers.tick(120_000);
    await turn();
    assert.equal(dials.length, count);
  });
});
