import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { describe, it } from 'mocha';
import { geometryWith, pieceBytes } from '../../../src/chunk/geometry.js';
import { PeerError } from '../../../src/common/errors.js';
import { Fetcher } from '../../../src/peer/get/fetcher.js';
import { Source } from '../../../src/peer/get/sources.js';
import { Actor } from '../support/actor.js';
import { hang, MemoryHolder } from '../support/memoryHolder.js';

const geometry = geometryWith(20_000, 2, 2, 2);
const actors = Array.from({ length: 4 }, (_, index) => new Actor(`holder ${String(index)}`));
const lost = (): never => {
  throw new PeerError('not-found', 'No such shard.');
};

class Fixture {
  readonly holders: MemoryHolder[];
  readonly sources: Source[];
  readonly controller = new AbortController();
  readonly fetcher: Fetcher;
  readonly segments: { segment: number; shards: number[] }[] = [];
  readonly failures: PeerError[] = [];
  #wake: () => void = () => undefined;

  constructor(count = 4) {
    this.holders = actors.slice(0, count).map((actor) => {
      const holder = new MemoryHolder(actor, '00'.repeat(32));
      for (let segment = 0; segment < geometry.segments; segment++) {
        holder.pieces.set(segment, new Uint8Array(pieceBytes(geometry, segment)).fill(segment));
      }
      return holder;
    });
    this.sources = this.holders.map((holder, shard) => new Source(holder, shard, shard >= 2));
    this.fetcher = new Fetcher({
      shareId: '00'.repeat(16),
      geometry,
      sources: this.sources,
      signal: this.controller.signal,
      onSegment: (segment, pieces) => {
        this.segments.push({ segment, shards: [...pieces.keys()].sort() });
        this.#wake();
      },
      onFailure: (error) => {
        this.failures.push(error);
        this.fetcher.stop();
        this.#wake();
      },
    });
  }

  holder(index: number): MemoryHolder {
    return this.holders[index] ?? assert.fail();
  }

  source(index: number): Source {
    return this.sources[index] ?? assert.fail();
  }

  /** Until so many segments have come, or it has failed. */
  async until(count: number): Promise<void> {
    while (this.segments.length < count && this.failures.length === 0) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  asked(): number {
    return this.holders.reduce((sum, holder) => sum + holder.count('piece'), 0);
  }
}

describe('Fetcher', () => {
  let f: Fixture;
  afterEach(() => {
    f.fetcher.stop();
  });

  it('asks k holders for each segment, data first', async () => {
    f = new Fixture();
    f.fetcher.fetch(0);
    await f.until(1);
    assert.deepEqual(f.segments, [{ segment: 0, shards: [0, 1] }]);
    assert.equal(f.asked(), 2);
  });

  it('asks another when one has nothing, and asks that one no more', async () => {
    f = new Fixture();
    f.holder(0).before = lost;
    f.fetcher.fetch(0);
    await f.until(1);
    f.fetcher.fetch(1);
    await f.until(2);
    assert.ok(f.segments.every(({ shards }) => !shards.includes(0)));
    assert.equal(f.holder(0).count('piece'), 1);
    assert.equal(f.source(0).failed?.code, 'not-found');
  });

  it('refuses a piece of another length, and takes it elsewhere', async () => {
    f = new Fixture();
    f.holder(1).alter = (piece) => piece.subarray(1);
    f.fetcher.fetch(0);
    await f.until(1);
    assert.ok(!f.segments[0]?.shards.includes(1));
    f.fetcher.fetch(1);
    await f.until(2);
    assert.equal(f.holder(1).count('piece'), 1);
  });

  it('asks who gave one wrong piece for another when nobody else has it', async () => {
    f = new Fixture(3);
    f.fetcher.distrust(f.source(0), 0);
    f.fetcher.distrust(f.source(1), 1);
    f.fetcher.fetch(0);
    await f.until(1);
    f.fetcher.fetch(1);
    await f.until(2);
    assert.deepEqual(f.segments, [
      { segment: 0, shards: [1, 2] },
      { segment: 1, shards: [0, 2] },
    ]);
  });

  it('fails where fewer than k have a piece that may be right, and tells what is damaged', async () => {
    f = new Fixture(3);
    f.fetcher.distrust(f.source(0), 0);
    f.fetcher.distrust(f.source(2), 0);
    f.fetcher.fetch(0);
    await f.until(1);
    assert.deepEqual(
      f.failures.map(({ code, details }) => [code, details]),
      [['not-enough-shards', { needed: 2, reachable: 1, damaged: 2 }]],
    );
  });

  it('asks elsewhere when a holder takes much longer than the others', async () => {
    f = new Fixture();
    f.holder(0).before = (_step, signal) => hang(signal);
    f.fetcher.fetch(0);
    await f.until(1);
    assert.ok(!f.segments[0]?.shards.includes(0));
    await new Promise(setImmediate);
    assert.equal(f.source(0).failed, undefined);
    assert.equal(f.source(0).outstanding, 0);
    // It is asked no more while others are as quick as they are.
    for (let segment = 1; segment < 9; segment++) {
      f.fetcher.fetch(segment);
      await f.until(segment + 1);
    }
    assert.equal(f.holder(0).count('piece'), 1);
  });

  it('fails once when fewer than k are left, and asks nobody afterwards', async () => {
    f = new Fixture(2);
    f.holder(1).before = lost;
    f.fetcher.fetch(0);
    await f.until(1);
    assert.deepEqual(
      f.failures.map(({ code, details }) => [code, details]),
      [['not-enough-shards', { needed: 2, reachable: 1 }]],
    );
    const asked = f.asked();
    f.fetcher.fetch(1);
    assert.equal(f.asked(), asked);
  });

  it('fails at once with too few holders', () => {
    f = new Fixture(1);
    f.fetcher.fetch(0);
    assert.equal(f.failures[0]?.code, 'not-enough-shards');
  });

  it('fills the place of a holder that is excluded while it is asked, at once', async () => {
    f = new Fixture(3);
    f.holder(0).before = (_step, signal) => hang(signal);
    f.fetcher.fetch(0);
    f.fetcher.fetch(1);
    f.fetcher.exclude(f.source(0), new PeerError('integrity', 'It lied.'));
    assert.equal(f.holder(2).count('piece'), 2);
    await f.until(2);
    assert.deepEqual(f.segments.map(({ shards }) => shards).flat(), [1, 2, 1, 2]);
  });

  it('fails when those who are left cannot fill the place of one that is excluded', () => {
    f = new Fixture(2);
    f.holder(0).before = (_step, signal) => hang(signal);
    f.fetcher.fetch(0);
    f.fetcher.exclude(f.source(0), new PeerError('integrity', 'It lied.'));
    assert.equal(f.failures[0]?.code, 'not-enough-shards');
  });

  it('takes a segment anew after its pieces were found wrong', async () => {
    f = new Fixture();
    f.fetcher.fetch(0);
    await f.until(1);
    f.fetcher.exclude(f.source(0), new PeerError('integrity', 'It lied.'));
    f.fetcher.fetch(0);
    await f.until(2);
    assert.deepEqual(f.segments[1], { segment: 0, shards: [1, 2] });
  });

  it('blames nobody when it is cancelled', async () => {
    f = new Fixture();
    for (const holder of f.holders) holder.before = (_step, signal) => hang(signal);
    f.fetcher.fetch(0);
    f.controller.abort();
    await new Promise(setImmediate);
    assert.deepEqual(f.failures, []);
    assert.ok(
      f.sources.every(({ failed, outstanding }) => failed === undefined && outstanding === 0),
    );
  });

  it('cancels what is under way when it stops, and leaves no timer', async () => {
    mock.timers.enable({ apis: ['setInterval'] });
    try {
      f = new Fixture();
      const signals: (AbortSignal | undefined)[] = [];
      for (const holder of f.holders) {
        holder.before = (_step, signal) => {
          signals.push(signal);
          return hang(signal);
        };
      }
      f.fetcher.fetch(0);
      f.fetcher.stop();
      f.fetcher.stop();
      assert.deepEqual(
        signals.map((signal) => signal?.aborted),
        [true, true],
      );
      await new Promise(setImmediate);
      mock.timers.tick(60_000);
      assert.equal(f.asked(), 2);
    } finally {
      mock.timers.reset();
    }
  });
});
