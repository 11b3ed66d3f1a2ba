import assert from 'node:assert/strict';
import { barChart } from './chart.js';

function lengths(svg: string): number[] {
  return [...svg.matchAll(/class="bar[^"]*"[^>]*? width="([\d.]+)"/g)].map(([, text]) =>
    Number(text),
  );
}

describe('the chart of the bench', () => {
  const bars = [
    { label: 'ours', value: 200, own: true },
    { label: 'theirs <&>', value: 50, own: false },
    { label: 'missing', value: NaN, own: false, note: 'not installed' },
  ];
  const svg = barChart('Title', 'Sub', [{ title: 'Group', unit: 'MiB/s', bars }], ['foot']);

  it('draws bars in proportion, and says why one is missing', () => {
    const [ours = 0, theirs = 0, missing = -1] = lengths(svg);
    assert.ok(ours > 300);
    assert.ok(Math.abs(ours / theirs - 4) < 0.01);
    assert.equal(missing, 0);
    assert.match(svg, /200 MiB\/s/);
    assert.match(svg, /not installed/);
  });

  it('gives each group a scale of its own', () => {
    const two = barChart(
      'T',
      'S',
      [1, 1000].map((value) => ({
        title: 'G',
        unit: 's',
        bars: [{ label: 'x', value, own: true }],
      })),
      [],
    );
    assert.equal(new Set(lengths(two)).size, 1);
  });

  it('is well-formed: labels are escaped, everything that opens closes', () => {
    assert.match(svg, /theirs &lt;&amp;&gt;/);
    assert.doesNotMatch(svg, /NaN|undefined/);
    const opened = [...svg.matchAll(/<(svg|title|style|text)\b/g)].length;
    const closed = [...svg.matchAll(/<\/(svg|title|style|text)>/g)].length;
    assert.equal(opened, closed);
    assert.match(svg, /prefers-color-scheme: dark/);
  });
});
