import assert from 'node:assert/strict';
import fc from 'fast-check';
import { median, short, table } from './figures.js';

describe('figures of the bench', () => {
  it('take the middle of an odd number of values, and the mean of two of an even number', () => {
    assert.equal(median([9, 1, 5]), 5);
    assert.equal(median([9, 1, 5, 7]), 6);
    assert.equal(median([3]), 3);
    assert.ok(Number.isNaN(median([])));
  });

  it('have a median with as many values below as above, in whatever order they come', () => {
    // Whole numbers: of doubles, the mean may overflow, and 0 and −0 sort as equals.
    const values = fc.array(fc.integer(), { minLength: 1 });
    fc.assert(
      fc.property(values, (all) => {
        const middle = median(all);
        assert.equal(median([...all].reverse()), middle);
        assert.ok(all.filter((value) => value < middle).length <= all.length / 2);
        assert.ok(all.filter((value) => value > middle).length <= all.length / 2);
      }),
    );
  });

  it('are shown with three digits that count', () => {
    const shown = [1234.5, 123.4, 99.96, 12.345, 9.996, 1.234, 0.05, -12.345, NaN].map(short);
    assert.deepEqual(shown, ['1235', '123', '100', '12.3', '10.0', '1.23', '0.05', '-12.3', '–']);
  });

  it('stand in columns, the first to the left, also where rows are short', () => {
    const text = table([['', 'median'], ['TITLE'], ['a long label', '1'], ['b', '12345678']]);
    assert.equal(
      text,
      [
        '                 median',
        'TITLE',
        'a long label          1',
        'b              12345678',
      ].join('\n'),
    );
  });
});
