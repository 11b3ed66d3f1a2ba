import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { StagingLeases, type Staging } from '../../../src/peer/serve/stagingLeases.js';
import { serveLimits } from '../../../src/peer/limits.js';
import { rejects } from '../support/rejects.js';

const hour = 60 * 60_000;
const staging = (shareId: string, shard: number, segments = 1): Staging => ({
  ...{ shareId, shard, geometry: { segments } },
});

describe('StagingLeases', () => {
  it('end an hour after the last piece', () => {
    let now = 0;
    const leases = new StagingLeases(() => now);
    leases.begin('author', staging('share', 0));
    now = hour - 1;
    leases.moved('share', 0);
    now = 2 * hour - 2;
    assert.equal(leases.isOver('author', staging('share', 0)), false);
    now = 2 * hour - 1;
    assert.equal(leases.isOver('author', staging('share', 0)), true);
  });

  it('begin anew for what an earlier process left', () => {
    let now = 0;
    const leases = new StagingLeases(() => now);
    assert.equal(leases.isOver('author', staging('share', 0)), false);
    now = hour;
    assert.equal(leases.isOver('author', staging('share', 0)), true);
  });

  it('are bounded for each author, and count a shard once', async () => {
    const leases = new StagingLeases();
    for (let shard = 0; shard < 128; shard++) {
      assert.equal(leases.begin('author', staging('share', shard)), true);
    }
    await rejects('limit', () => leases.begin('author', staging('other', 0)));
    assert.equal(leases.begin('author', staging('share', 5)), false);
    assert.equal(leases.begin('another', staging('other', 0)), true);
    leases.end('share', 5);
    assert.equal(leases.begin('author', staging('other', 1)), true);
  });

  it('are bounded in the memory that their hashes take, for each author and for all', async () => {
    const leases = new StagingLeases();
    const most = serveLimits.stagedSegments.each;
    assert.equal(leases.begin('author', staging('share', 0, most - 1)), true);
    await rejects('limit', () => leases.begin('author', staging('share', 1, 2)));
    assert.equal(leases.begin('author', staging('share', 1, 1)), true);
    assert.equal(leases.begin('another', staging('other', 0, most)), true);
    await rejects('limit', () => leases.begin('third', staging('third', 0)));
    leases.end('share', 0);
    assert.equal(leases.begin('third', staging('third', 0)), true);
    await rejects('limit', () => leases.begin('third', staging('large', 0, most + 1)));
  });
});
