import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { StagingLeases } from '../../../src/peer/serve/stagingLeases.js';
import { rejects } from '../support/rejects.js';

const hour = 60 * 60_000;

describe('StagingLeases', () => {
  it('end an hour after the last piece', () => {
    let now = 0;
    const leases = new StagingLeases(() => now);
    leases.begin('author', 'share', 0);
    now = hour - 1;
    leases.moved('share', 0);
    now = 2 * hour - 2;
    assert.equal(leases.isOver('author', 'share', 0), false);
    now = 2 * hour - 1;
    assert.equal(leases.isOver('author', 'share', 0), true);
  });

  it('begin anew for what an earlier process left', () => {
    let now = 0;
    const leases = new StagingLeases(() => now);
    assert.equal(leases.isOver('author', 'share', 0), false);
    now = hour;
    assert.equal(leases.isOver('author', 'share', 0), true);
  });

  it('are bounded for each author, and count a shard once', async () => {
    const leases = new StagingLeases();
    for (let shard = 0; shard < 128; shard++) {
      assert.equal(leases.begin('author', 'share', shard), true);
    }
    await rejects('limit', () => leases.begin('author', 'other', 0));
    assert.equal(leases.begin('author', 'share', 5), false);
    assert.equal(leases.begin('another', 'other', 0), true);
    leases.end('share', 5);
    assert.equal(leases.begin('author', 'other', 1), true);
  });
});
