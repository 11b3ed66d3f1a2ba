import assert from 'node:assert/strict';
import { cellOf, placeOf, rowTotals, spareByColumn } from '../../../src/vscode/map/cells.js';
import { gridWith, rowWith } from './grids.js';

describe('cells of the chunk map', () => {
  it('number their chunks within the whole share', () => {
    const grid = gridWith([rowWith(0), rowWith(1)]);
    const [, second] = grid.rows;
    assert.ok(second);
    const { first, last } = cellOf(grid, second, 1);
    assert.deepEqual([first, last], [150, 199]);
    assert.deepEqual(placeOf(grid, 1), [50, 100]);
  });

  it('count as missing what is in no state', () => {
    const row = rowWith(0, { held: [10, 0], proved: [30, 50] });
    const grid = gridWith([row]);
    assert.deepEqual(cellOf(grid, row, 0).chunks, {
      ...{ proved: 30, reported: 0, held: 10, damaged: 0, missing: 10 },
    });
    assert.deepEqual(rowTotals(grid, row).chunks, {
      ...{ proved: 80, reported: 0, held: 10, damaged: 0, missing: 10 },
    });
  });

  it('show damage before all else, then what there is most of', () => {
    const row = rowWith(0, { held: [49, 20], damaged: [1, 0], reported: [0, 30] });
    const grid = gridWith([row]);
    assert.equal(cellOf(grid, row, 0).state, 'damaged');
    assert.equal(cellOf(grid, row, 1).state, 'reported');
    assert.equal(cellOf(grid, rowWith(1), 0).state, 'missing');
  });

  it('tell how many more holders each part of the file can lose', () => {
    const whole = { held: [50, 50] };
    const grid = gridWith(
      [
        rowWith(0, whole),
        rowWith(1, { held: [50, 49], damaged: [0, 1] }),
        rowWith(2, { held: [50, 0] }),
        rowWith(2, whole), // a second holder of the same counts once
      ],
      2,
    );
    assert.deepEqual(spareByColumn(grid), [1, 0]);
    assert.deepEqual(spareByColumn(gridWith([rowWith(0, whole)], 3)), [-2, -2]);
  });
});
