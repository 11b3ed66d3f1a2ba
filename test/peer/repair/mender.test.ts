import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { silentLogger } from '../../../src/common/logger.js';
import { repairLimits } from '../../../src/peer/limits.js';
import { DamageBook } from '../../../src/peer/repair/damageBook.js';
import type { Holdings } from '../../../src/peer/repair/holdings.js';
import { Mender } from '../../../src/peer/repair/mender.js';
import type { ReadThread } from '../../../src/peer/read/readThread.js';
import { Actor } from '../support/actor.js';
import { MadeFile } from '../support/madeFile.js';

const self = new Actor('self');
const shard = 1;
const { piecesAtOnce } = repairLimits;
const file = new MadeFile({
  ...{ groupId: 'ab'.repeat(32), author: new Actor('author'), epochKey: new Uint8Array(32) },
});
const opened = file.opened();
// Its pieces are not looked at here, only how many there are.
const share = {
  ...opened,
  manifest: {
    ...opened.manifest,
    geometry: { ...opened.manifest.geometry, segments: 2 * piecesAtOnce + 1 },
  },
};
const pace = { take: () => Promise.resolve() };
const { signal } = new AbortController();

describe('Mender', () => {
  const damage = new DamageBook();
  const mender = new Mender({
    nodeId: self.nodeId,
    shards: {
      check: () => Promise.resolve([]),
      mend: () => Promise.resolve(),
      seal: () => Promise.resolve(file.rootOf(shard)),
      rehash: () => Promise.resolve(true),
      putHashes: () => Promise.resolve(true),
    },
    // Nothing is bad: nobody is asked for anything.
    holdings: {} as unknown as Holdings,
    thread: {} as unknown as ReadThread,
    damage,
    logger: silentLogger,
  });
  const mark = (): void => {
    damage.report(file.shareId, shard, self.nodeId, 'damaged');
  };
  const isMarked = (): boolean => damage.of(file.shareId, shard, self.nodeId) !== null;
  const some = (first: number) => mender.mendSome(share, shard, first, pace, signal);

  it('counts a shard as whole again when it was looked through from its start, and not before', async () => {
    mark();
    await some(piecesAtOnce);
    await some(2 * piecesAtOnce);
    assert.ok(isMarked(), 'it began in the middle');
    await some(0);
    await some(2 * piecesAtOnce);
    assert.ok(isMarked(), 'it left something out');
    await some(0);
    await some(piecesAtOnce);
    assert.ok(isMarked());
    assert.deepEqual(await some(2 * piecesAtOnce), { pieces: 0, next: null });
    assert.ok(!isMarked());
    mark();
    await mender.mend(share, shard, pace, () => undefined, signal);
    assert.ok(!isMarked());
  });
});
