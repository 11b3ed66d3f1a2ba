import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { PeerError } from '../../../src/common/errors.js';
import { silentLogger } from '../../../src/common/logger.js';
import { graceMs, Reaper } from '../../../src/peer/deletion/reaper.js';
import type { ShardStore, StateStore, Store } from '../../../src/store/store.js';
import { makeShare, type MadeShare } from '../../store/support/makeShare.js';
import { commitShard, sealShard } from '../../store/support/putShard.js';
import { tombstoneOf } from '../../store/tombstoneContract.js';
import { PeerFixture } from '../support/peerFixture.js';

describe('Reaper', () => {
  let fixture: PeerFixture;
  let store: Store;
  let state: StateStore;
  let shards: ShardStore;
  let now: number;
  let share: MadeShare;
  before(() => {
    fixture = new PeerFixture();
  });
  beforeEach(async () => {
    store = await fixture.store();
    ({ state, shards } = store);
    now = 0;
    share = makeShare(5000, 2, 1);
    await commitShard(shards, share, 0);
  });
  after(() => fixture.remove());

  const reaper = (hide = (shareId: string) => shards.hide(shareId)): Reaper =>
    new Reaper({ state, shards, hide, logger: silentLogger, now: () => now });
  const shareState = async (): Promise<string | undefined> =>
    (await shards.held(share.shareId))[0]?.state;

  it('hides at once, and frees after a week of running, over all its runs', async () => {
    const first = reaper();
    now = 5000;
    await first.sweep();
    assert.equal(await shareState(), 'committed');
    await state.take([tombstoneOf(share.shareId)]);
    first.hide(share.shareId);
    await first.idle();
    assert.equal(await shareState(), 'hidden');
    now += graceMs / 2;
    await first.sweep();
    // Off for a year: its clock starts anew, and the time away does not count.
    now = 0;
    const second = reaper();
    now += graceMs / 2 - 1;
    await second.sweep();
    assert.equal(await shareState(), 'hidden');
    assert.ok((await shards.storedBytes()) > 0);
    now += 1;
    await second.sweep();
    assert.equal(await shareState(), undefined);
    assert.equal(await shards.storedBytes(), 0);
    await second.sweep();
  });

  it('hides at its start what it did not come to hide, and what is received', async () => {
    const other = makeShare(5000, 2, 1);
    await sealShard(shards, other, 1);
    await state.take([tombstoneOf(share.shareId), tombstoneOf(other.shareId)]);
    await reaper().sweep();
    assert.deepEqual(
      (await shards.allHeld()).map(({ shareId, state: own }) => [shareId, own]),
      [[share.shareId, 'hidden']],
    );
  });

  it('leaves alone what nobody deleted, and what is hidden without a tombstone', async () => {
    const hidden = makeShare(5000, 2, 1);
    await commitShard(shards, hidden, 0);
    await shards.hide(hidden.shareId); // the database was lost after that
    now = 10 * graceMs;
    const own = reaper();
    now = 20 * graceMs;
    await own.sweep();
    const states = (await shards.allHeld()).map(({ state: one }) => one).sort();
    assert.deepEqual(states, ['committed', 'hidden']);
  });

  it('frees space also where the time cannot be written down', async () => {
    await state.take([tombstoneOf(share.shareId)]);
    const addUptime = state.addUptime.bind(state);
    state.addUptime = () => Promise.reject(new PeerError('disk-full', 'No room.'));
    try {
      const own = reaper();
      now = graceMs;
      await own.sweep();
    } finally {
      state.addUptime = addUptime;
    }
    assert.equal(await shareState(), undefined);
  });

  it('tries again later what could not be hidden', async () => {
    await state.take([tombstoneOf(share.shareId)]);
    let failures = 0;
    const own = reaper((shareId) => {
      failures += 1;
      return failures < 2
        ? Promise.reject(new PeerError('disk', 'The disk does not work.'))
        : shards.hide(shareId);
    });
    own.hide(share.shareId);
    await own.idle();
    assert.equal(await shareState(), 'committed');
    await own.sweep();
    assert.equal(await shareState(), 'hidden');
  });
});
