import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { PeerError } from '../../../src/common/errors.js';
import { silentLogger } from '../../../src/common/logger.js';
import { Blame } from '../../../src/peer/get/blame.js';
import { cheapest, sourcesOf, type Source } from '../../../src/peer/get/sources.js';
import { blameLimits } from '../../../src/peer/limits.js';
import { VirtualTime } from '../../support/virtualTime.js';
import { Actor } from '../support/actor.js';
import { MadeFile } from '../support/madeFile.js';

const { patience, firstMs, lastMs, members } = blameLimits;
const wrong = new PeerError('integrity', 'This holder answered with wrong bytes.');

describe('Blame', () => {
  let time: VirtualTime;
  let warnings: unknown[][];
  let blame: Blame;
  beforeEach(() => {
    time = new VirtualTime();
    warnings = [];
    blame = new Blame({ ...silentLogger, warn: (...words) => warnings.push(words) }, time);
  });

  const report = (nodeId: string, count: number): void => {
    for (let i = 0; i < count; i++) blame.report(nodeId);
  };

  it('shuns a member from the third wrong piece on, and says so', () => {
    report('mallory', patience - 1);
    assert.equal(blame.isShunned('mallory'), false);
    assert.equal(warnings.length, 0);
    report('mallory', 1);
    assert.equal(blame.isShunned('mallory'), true);
    assert.equal(blame.isShunned('alice'), false);
    assert.equal(warnings.length, 1);
    assert.ok(warnings[0]?.includes('mallory'));
  });

  it('does so for a while, twice as long each time, and never for longer than a day', () => {
    report('mallory', patience - 1);
    for (let ms = firstMs, i = 0; i < 12; ms = Math.min(lastMs, 2 * ms), i++) {
      report('mallory', 1);
      time.jump(ms - 1);
      assert.equal(blame.isShunned('mallory'), true);
      time.jump(1);
      assert.equal(blame.isShunned('mallory'), false);
    }
  });

  it('remembers a bounded number of members', () => {
    report('mallory', patience);
    for (let i = 0; i < members; i++) report(`member ${String(i)}`, 1);
    assert.equal(blame.isShunned('mallory'), false);
  });

  describe('of sources', () => {
    const actors = Array.from({ length: 3 }, (_, index) => new Actor(`holder ${String(index)}`));
    const file = new MadeFile({
      ...{ groupId: 'ab'.repeat(32), author: new Actor('author'), size: 3000 },
      epochKey: new Uint8Array(32).fill(1),
    });
    const of = (nodeId: string): Source =>
      sources.find(({ holder }) => holder.nodeId === nodeId) ?? assert.fail();
    const asked = (): string[] => cheapest(sources, 0).map((one) => one.holder.nodeId);
    const [liar = '', ...others] = actors.map(({ nodeId }) => nodeId);
    let sources: Source[];
    const look = (): void => {
      sources = sourcesOf({
        share: file.opened(),
        locations: actors.map(({ nodeId }, shard) => ({ holderId: nodeId, shard })),
        holder: (nodeId) => {
          const shard = actors.findIndex((actor) => actor.nodeId === nodeId);
          return file.holder(actors[shard] ?? assert.fail(), shard);
        },
        blame,
      });
    };

    it('counts what was wrong once a transfer, and nothing else', () => {
      for (let transfer = 1; transfer <= patience; transfer++) {
        look();
        assert.equal(blame.isShunned(liar), false);
        of(liar).wasWrong(0);
        of(liar).lied();
        of(liar).wasWrong(1);
        of(liar).lied();
        of(liar).fail(wrong);
        // Its author may have signed what is of no use.
        for (const other of others) of(other).wasWrong(0);
        for (const other of others) of(other).fail(new PeerError('closed', 'It went away.'));
      }
      assert.equal(blame.isShunned(liar), true);
      assert.ok(others.every((other) => !blame.isShunned(other)));
    });

    it('asks one that is shunned only for what fewer than k others may have', () => {
      report(liar, patience);
      look();
      assert.deepEqual(asked().sort(), [...others].sort());
      of(others[0] ?? '').wasWrong(1);
      assert.deepEqual(asked().sort(), [...others].sort());
      of(others[0] ?? '').wasWrong(0);
      assert.deepEqual(asked().sort(), [liar, others[1]].sort());
      look();
      time.jump(firstMs);
      assert.equal(asked().length, 3);
    });
  });
});
