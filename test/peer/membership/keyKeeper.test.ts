import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { silentLogger } from '../../../src/common/logger.js';
import { KeyKeeper } from '../../../src/peer/membership/keyKeeper.js';
import type { Membership } from '../../../src/peer/membership/membership.js';
import { VirtualTime } from '../../support/virtualTime.js';
import { Actor } from '../support/actor.js';
import { join } from '../support/group.js';
import { PeerFixture } from '../support/peerFixture.js';

describe('KeyKeeper', () => {
  let fixture: PeerFixture;
  let time: VirtualTime;
  let founder: Membership;
  let anna: Membership;
  let keepers: KeyKeeper[];
  before(() => {
    fixture = new PeerFixture();
  });
  beforeEach(async () => {
    time = new VirtualTime();
    keepers = [];
    const [first, second] = [new Actor('founder'), new Actor('anna')];
    founder = await fixture.membership(first);
    await founder.createGroup('team', 'founder');
    anna = await fixture.membership(second);
    await join(founder, second, anna, 'admin');
  });
  afterEach(() => {
    for (const keeper of keepers) keeper.dispose();
    assert.equal(time.pending, 0);
  });
  after(() => fixture.remove());

  function keep(membership: Membership, online: readonly Membership[] = []): KeyKeeper {
    const isOnline = (id: string): boolean => online.some(({ nodeId }) => nodeId === id);
    const ready = (): Promise<void> => Promise.resolve();
    const keeper = new KeyKeeper({ membership, isOnline, ready, logger: silentLogger, time });
    keepers.push(keeper);
    keeper.start();
    return keeper;
  }
  const tell = (from: Membership, to: Membership): Promise<number> =>
    to.merge(from.roster.records.map(({ bytes }) => bytes));
  const changed = (membership: Membership): Promise<void> =>
    new Promise((resolve) => membership.onDidChange(resolve));

  /** Two removals at once: no key is left that only members know. */
  async function removeTwo(): Promise<void> {
    const [bert, cora] = [new Actor('bert'), new Actor('cora')];
    await join(founder, bert, await fixture.membership(bert));
    await join(founder, cora, await fixture.membership(cora));
    await tell(founder, anna);
    await Promise.all([founder.remove(bert.nodeId), anna.remove(cora.nodeId)]);
    await Promise.all([tell(founder, anna), tell(anna, founder)]);
  }

  it('does nothing while nothing is missing', () => {
    keep(founder);
    assert.equal(time.pending, 0);
  });

  it('makes the new key once the most senior admin had its turn', async () => {
    await removeTwo();
    for (const admin of [founder, anna]) assert.equal(admin.needsTending, true);
    keep(founder, [anna]);
    keep(anna, [founder]);
    const made = changed(founder);
    await time.pass(time.next ?? 0);
    await made;
    assert.ok(founder.currentEpoch().name.length > 0);
    // The other one hears of it in time, and leaves it at that.
    await tell(founder, anna);
    assert.equal(anna.currentEpoch().name, founder.currentEpoch().name);
    const { current } = anna.roster.epochs;
    while (anna.needsTending) {
      const handedOut = changed(anna);
      await time.pass(time.next ?? 0);
      await handedOut;
    }
    assert.deepEqual(anna.roster.epochs.current, current);
  });

  it('acts sooner when no admin before it is there', async () => {
    await removeTwo();
    keep(anna, [founder]);
    const behind = time.next ?? 0;
    keepers.pop()?.dispose();
    keep(anna);
    assert.ok((time.next ?? 0) < behind);
  });

  it('goes on until everybody has every key, a part at a time', async () => {
    await removeTwo();
    keep(founder);
    for (let turns = 0; founder.needsTending; turns++) {
      assert.ok(turns < 10);
      const made = changed(founder);
      await time.pass(time.next ?? 0);
      await made;
    }
    await tell(founder, anna);
    for (const epoch of founder.roster.epochs.all) {
      if (founder.epochKey(epoch) !== undefined) assert.ok(anna.epochKey(epoch));
    }
  });
});
