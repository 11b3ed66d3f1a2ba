import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readMapTarget } from '../../../src/vscode/map/mapTarget.js';
import { readHostMessage, readPageMessage } from '../../../src/vscode/map/messages.js';
import { gridWith, rowWith } from './grids.js';

const show = {
  ...{ type: 'show', target: {}, title: 'a.bin', facts: [], activities: [], actions: ['verify'] },
  grid: gridWith([rowWith(0, { held: [50, 50] })]),
};

describe('messages between the chunk map and its page', () => {
  it('are taken when they are right', () => {
    assert.deepEqual(readPageMessage({ type: 'ready', columns: 64 }), {
      type: 'ready',
      columns: 64,
    });
    assert.deepEqual(readPageMessage({ type: 'act', action: 'verify', more: 1 }), {
      ...{ type: 'act', action: 'verify' },
    });
    assert.equal(readHostMessage(show), show);
    assert.ok(readHostMessage({ type: 'notice', text: 'x' }));
  });

  it('bound what the page can ask for', () => {
    assert.deepEqual(readPageMessage({ type: 'resized', columns: 1e9 }), {
      ...{ type: 'resized', columns: 128 },
    });
    assert.deepEqual(readPageMessage({ type: 'ready', columns: -5 }), {
      type: 'ready',
      columns: 1,
    });
  });

  for (const bad of [
    null,
    [],
    'ready',
    { type: 'ready' },
    { type: 'ready', columns: 1.5 },
    { type: 'ready', columns: '8' },
    { type: 'act', action: 'delete' },
    { type: 'act', action: 'constructor' },
    { type: 'run', command: 'chunkPartitioner.share.delete' },
  ]) {
    it(`are not taken from a page: ${JSON.stringify(bad)}`, () => {
      assert.equal(readPageMessage(bad), undefined);
    });
  }

  for (const [what, grid] of Object.entries({
    'no rows': { ...show.grid, rows: undefined },
    'counts of another length': gridWith([rowWith(0, { held: [50] })]),
    'no numbers': gridWith([rowWith(0, { held: ['<b>', 2] as unknown as number[] })]),
    'negative counts': gridWith([rowWith(0, { held: [-1, 2] })]),
    'no columns': { ...show.grid, edges: [0] },
    'too many columns': { ...show.grid, edges: Array<number>(200).fill(0) },
  })) {
    it(`are not drawn by the page: ${what}`, () => {
      assert.equal(readHostMessage({ ...show, grid }), undefined);
    });
  }

  it('never make either end throw', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        readPageMessage(value);
        readHostMessage(value);
        readMapTarget(value);
      }),
    );
  });
});

describe('what a chunk map is about', () => {
  it('is a share id or a transfer id, and nothing that only looks like one', () => {
    const share = 'ab'.repeat(16);
    assert.deepEqual(readMapTarget({ share, other: 1 }), { share });
    assert.deepEqual(readMapTarget({ transferId: 'a-b_1' }), { transferId: 'a-b_1' });
    for (const bad of [{ share: 'name' }, { share: `${share}0` }, { transferId: '../x' }, {}, 7]) {
      assert.equal(readMapTarget(bad), undefined, JSON.stringify(bad));
    }
  });
});
