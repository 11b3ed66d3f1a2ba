import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Discovery, Presence, Sighting } from '../../../src/net/discovery.js';
import type { Membership } from '../../../src/peer/membership/membership.js';
import { Nearby } from '../../../src/peer/mesh/nearby.js';
import { discoveryLimits } from '../../../src/protocol/limits.js';
import { nearbyTag } from '../../../src/protocol/nearbyTag.js';
import { turn, VirtualTime } from '../../support/virtualTime.js';
import { Actor } from '../support/actor.js';
import { admit } from '../support/group.js';
import { PeerFixture } from '../support/peerFixture.js';

interface Announced extends Presence {
  readonly say: (sighting: Sighting) => void;
  over: boolean;
}

describe('Nearby', () => {
  const self = new Actor('self');
  const anna = new Actor('anna');
  const bert = new Actor('bert');
  let fixture: PeerFixture;
  let membership: Membership;
  let time: VirtualTime;
  let listening: string;
  let wanted: boolean;
  let online: Set<string>;
  let announced: Announced[];
  let hints: string[][];
  let nearby: Nearby;
  before(() => {
    fixture = new PeerFixture();
  });
  beforeEach(async () => {
    membership = await fixture.membership(self);
    time = new VirtualTime();
    listening = '0.0.0.0:7420';
    wanted = true;
    online = new Set();
    announced = [];
    hints = [];
    const discovery: Discovery = {
      start(presence, say) {
        const one = { ...presence, say, over: false };
        announced.push(one);
        return { dispose: () => (one.over = true) };
      },
    };
    nearby = new Nearby({
      discovery,
      membership,
      isWanted: () => wanted,
      listening: () => listening,
      isOnline: (nodeId) => online.has(nodeId),
      onHint: (...facts) => hints.push(facts),
      time,
    });
  });
  afterEach(() => {
    nearby.dispose();
    assert.ok(announced.every(({ over }) => over));
    assert.equal(time.pending, 0);
  });
  after(() => fixture.remove());

  const start = async (): Promise<Announced> => {
    await membership.createGroup('team', 'self');
    for (const one of [anna, bert]) await admit(membership, one);
    nearby.refresh();
    return announced[0] ?? assert.fail('nothing is announced');
  };
  const alive = (): Announced[] => announced.filter(({ over }) => !over);
  const of = (who: Actor, fields: Partial<Sighting> = {}): Sighting => {
    const instance = '0123456789abcdef';
    const { groupId } = membership;
    const tag = nearbyTag({ groupId, nodeId: who.nodeId, instance, port: 4001 });
    return { instance, tag, port: 4001, host: '192.168.7.9', ...fields };
  };

  it('announces nothing without a group, against the wish of the user, or where nobody could reach it', async () => {
    nearby.refresh();
    assert.deepEqual(announced, []);
    await membership.createGroup('team', 'self');
    wanted = false;
    nearby.refresh();
    wanted = true;
    for (const loopback of [
      '',
      '127.0.0.1:7420',
      '127.8.8.8:1',
      '[::1]:7420',
      '[2001:db8::7]:7420',
    ]) {
      listening = loopback;
      nearby.refresh();
    }
    assert.deepEqual(announced, []);
    for (const [bound, host] of [
      ['0.0.0.0:7420', undefined],
      ['[::]:7421', undefined],
      ['192.168.7.20:7420', '192.168.7.20'],
    ] as const) {
      listening = bound;
      nearby.refresh();
      nearby.refresh();
      const [now, ...more] = alive();
      assert.deepEqual([now?.host, now?.port, more.length], [host, Number(bound.slice(-4)), 0]);
    }
    wanted = false;
    nearby.refresh();
    assert.deepEqual(alive(), []);
  });

  it('is recognised by members, and by nobody who does not know the group', async () => {
    const { instance, tag, port } = await start();
    const { groupId } = membership;
    assert.equal(tag, nearbyTag({ groupId, nodeId: self.nodeId, instance, port }));
    assert.notEqual(
      tag,
      nearbyTag({ groupId: 'ab'.repeat(32), nodeId: self.nodeId, instance, port }),
    );
  });

  it('has another name and tag after an hour, and on another network', async () => {
    await start();
    nearby.restart();
    await time.pass(discoveryLimits.renameMs);
    assert.equal(new Set(announced.map(({ instance }) => instance)).size, 3);
    assert.equal(new Set(announced.map(({ tag }) => tag)).size, 3);
    assert.equal(alive().length, 1);
    nearby.dispose();
    nearby.restart();
    nearby.refresh();
    assert.equal(announced.length, 3);
  });

  it('tells where a member was heard that is not connected', async () => {
    const { say } = await start();
    say(of(anna));
    assert.deepEqual(hints, [[anna.nodeId, '192.168.7.9:4001']]);
    online.add(anna.nodeId);
    say(of(anna));
    say(of(self));
    assert.equal(hints.length, 1);
  });

  it('makes nothing of announcements of others, and of changed ones', async () => {
    const { say } = await start();
    say(of(new Actor('stranger')));
    say(of(anna, { port: 4002 }));
    say(of(anna, { instance: 'fedcba9876543210' }));
    say(of(anna, { tag: of(bert).tag.toLowerCase() }));
    assert.deepEqual(hints, []);
  });

  it('tells when answers should be there', async () => {
    await nearby.answered();
    await start();
    let done = false;
    void nearby.answered().then(() => (done = true));
    await time.pass(999);
    assert.equal(done, false);
    await time.pass(1);
    await turn();
    assert.equal(done, true);
    nearby.restart();
    const early = nearby.answered();
    wanted = false;
    nearby.refresh();
    await early;
  });
});
