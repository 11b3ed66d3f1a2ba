import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import { PeerError, type ErrorCode } from '../../../src/common/errors.js';
import { silentLogger } from '../../../src/common/logger.js';
import { DamageBook } from '../../../src/peer/repair/damageBook.js';
import type { Holdings } from '../../../src/peer/repair/holdings.js';
import { Repairer } from '../../../src/peer/repair/repairer.js';
import { Actor } from '../support/actor.js';
import { MadeFile } from '../support/madeFile.js';

const holder = new Actor('holder');
const takers = [new Actor('first'), new Actor('second')] as const;
const shard = 1;
const file = new MadeFile({
  ...{ groupId: 'ab'.repeat(32), author: new Actor('author'), epochKey: new Uint8Array(32) },
});
const options = { onlyOnline: false, now: false, signal: new AbortController().signal };

describe('Repairer', () => {
  /** What each taker answers: an error of this code, or its receipt. */
  let answers: Map<string, ErrorCode>;
  let heard: string[];
  const repairer = new Repairer({
    catalog: { signed: () => Promise.resolve(file.opened()), merge: () => Promise.resolve(1) },
    // Only what is asked of it here.
    holdings: {
      census: () =>
        Promise.resolve([
          {
            ...{ shareId: file.shareId, authorId: '', k: 2, n: 4 },
            holdings: [{ holderId: holder.nodeId, shard, standing: 'gone' }],
          },
        ]),
    } as unknown as Holdings,
    damage: new DamageBook(),
    traces: { find: () => undefined },
    logger: silentLogger,
    holder: () => undefined,
    colleague: (nodeId) => ({
      nodeId,
      take: () => {
        const code = answers.get(nodeId);
        if (code !== undefined) return Promise.reject(new PeerError(code, 'No.'));
        const actor = takers.find((one) => one.nodeId === nodeId) ?? assert.fail();
        return Promise.resolve({ done: 1, total: 1, receipt: file.receipt(actor, shard) });
      },
      rely: () => Promise.reject(new PeerError('internal', 'Nobody relies on anything here.')),
    }),
    heardOf: (nodeId) => heard.push(nodeId),
  });
  beforeEach(() => {
    answers = new Map();
    heard = [];
  });
  const place = (left = takers.map(({ nodeId }) => nodeId)) =>
    repairer.place(file.opened(), shard, left, options);

  for (const code of ['not-enough-shards', 'exists', 'integrity', 'disk-full'] as const) {
    it(`asks the next one when one says ${code}: it may be alone with that, or lie`, async () => {
      answers.set(takers[0].nodeId, code);
      const left = takers.map(({ nodeId }) => nodeId);
      const { outcome, holderId } = await place(left);
      assert.deepEqual([outcome, holderId], ['made', takers[1].nodeId]);
      assert.deepEqual(left, [takers[0].nodeId]);
      assert.deepEqual(heard, []);
    });
  }

  it('believes that a holder is there which it misses when all say so', async () => {
    for (const { nodeId } of takers) answers.set(nodeId, 'exists');
    assert.equal((await place()).outcome, 'failed');
    assert.deepEqual(heard, [holder.nodeId]);
    heard = [];
    answers.set(takers[1].nodeId, 'limit');
    assert.equal((await place()).outcome, 'failed');
    assert.deepEqual(heard, []);
  });
});
