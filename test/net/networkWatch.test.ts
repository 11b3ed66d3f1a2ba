import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { NetworkWatch, type NetworkChange } from '../../src/net/networkWatch.js';
import { VirtualTime } from '../support/virtualTime.js';

describe('NetworkWatch', () => {
  let time: VirtualTime;
  /** What the other clock is ahead. */
  let ahead: number;
  let addresses: string[];
  let told: NetworkChange[];
  let watch: NetworkWatch;
  beforeEach(() => {
    time = new VirtualTime();
    ahead = 1_700_000_000_000;
    addresses = ['192.168.1.7', '2001:db8::7'];
    told = [];
    watch = new NetworkWatch({
      time,
      wall: () => time.now() + ahead,
      addresses: () => addresses,
    });
    watch.onDidChange((change) => told.push(change));
    watch.start();
    watch.start();
  });
  afterEach(() => {
    watch.dispose();
    watch.dispose();
    assert.equal(time.pending, 0);
  });

  it('says nothing while nothing changes, in whatever order addresses come', async () => {
    assert.equal(time.pending, 1);
    await time.pass(60_000);
    addresses = addresses.toReversed();
    await time.pass(60_000);
    assert.deepEqual(told, []);
  });

  it('tells within seconds of another address, and of one that is gone, once', async () => {
    addresses = ['192.168.1.7'];
    await time.pass(5_000);
    assert.deepEqual(told, ['other addresses']);
    addresses = ['10.0.0.7'];
    await time.pass(60_000);
    assert.deepEqual(told, ['other addresses', 'other addresses']);
  });

  it('tells that the machine slept, whether or not the other clock counted it', async () => {
    ahead += 3_600_000;
    await time.pass(5_000);
    assert.deepEqual(told, ['woke up']);
    await time.pass(2_000);
    time.jump(60_000); // the process was stopped
    await time.pass(0);
    assert.deepEqual(told, ['woke up', 'woke up']);
    addresses = [];
    ahead += 3_600_000;
    await time.pass(5_000);
    assert.deepEqual(told.slice(2), ['other addresses']);
  });

  it('does not take a busy process or a clock that is set back for sleep', async () => {
    time.jump(14_000);
    await time.pass(0);
    ahead -= 86_400_000;
    await time.pass(20_000);
    assert.deepEqual(told, []);
  });

  it('can be ended by whoever it tells', async () => {
    watch.onDidChange(() => {
      watch.dispose();
    });
    addresses = [];
    await time.pass(60_000);
    assert.deepEqual(told, ['other addresses']);
  });

  it('reads the addresses of this machine', () => {
    new NetworkWatch().dispose();
  });
});
