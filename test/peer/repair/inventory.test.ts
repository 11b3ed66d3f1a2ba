import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import { silentLogger } from '../../../src/common/logger.js';
import { takeInventory } from '../../../src/peer/repair/inventory.js';
import type { OwnWord } from '../../../src/peer/repair/ownWord.js';
import type { HeldBy, HeldShard } from '../../../src/store/store.js';
import { Actor } from '../support/actor.js';
import { MadeFile } from '../support/madeFile.js';

const self = new Actor('self');
const file = new MadeFile({
  ...{ groupId: 'ab'.repeat(32), author: new Actor('author'), epochKey: new Uint8Array(32) },
});
const { shareId, geometry } = file;
const shard = 0;
const held = (state: HeldShard['state']): HeldShard => ({
  ...{ shareId, shard, geometry, authorId: file.opened().row.authorId, state },
});

describe('the inventory', () => {
  let said: HeldBy[];
  let before: HeldShard[];
  let now: HeldShard[];
  let released: string[];
  let promised: string[];
  const take = () =>
    takeInventory({
      nodeId: self.nodeId,
      shards: {
        allHeld: () => Promise.resolve(before),
        held: () => Promise.resolve(now),
        seal: () => Promise.resolve(file.rootOf(shard)),
      },
      state: { heldOf: () => Promise.resolve(said) },
      catalog: { signed: () => Promise.resolve(file.opened()) },
      // Only what is said here.
      word: {
        release: (id: string) => Promise.resolve(released.push(id)),
        promise: () => Promise.resolve(promised.push(shareId)),
      } as unknown as OwnWord,
      logger: silentLogger,
      signal: new AbortController().signal,
    });
  beforeEach(() => {
    before = now = [];
    said = [{ shareId, shard, holderId: self.nodeId }];
    released = [];
    promised = [];
  });

  it('takes back what was signed for and is not here', async () => {
    await take();
    assert.deepEqual(released, [shareId]);
  });

  it('but not what has become whole since it looked', async () => {
    before = [held('staging')];
    now = [held('committed')];
    await take();
    assert.deepEqual(released, []);
    now = [held('staging')];
    await take();
    assert.deepEqual(released, [shareId]);
  });

  it('signs again for what is here and was not signed for', async () => {
    before = now = [held('committed')];
    said = [];
    await take();
    assert.deepEqual([released, promised], [[], [shareId]]);
  });
});
