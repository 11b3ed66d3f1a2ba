import assert from 'node:assert/strict';
import { goals, reached, type Goal } from './goals.js';
import { resultsJson } from './report/json.js';
import { goalsText, problemsText, resultsText } from './report/text.js';
import { Results, type LineResult } from './results.js';
import type { Line, Sample } from './row.js';

function result(line: Partial<Line> & { id: string }, samples: readonly Sample[]): LineResult {
  const whole = { label: line.id, unit: 'MiB/s', amount: 1024, reference: '', ...line } as const;
  return { line: whole, samples, problem: samples.length === 0 ? 'not installed: tool' : null };
}

function seconds(...all: readonly number[]): Sample[] {
  return all.map((value) => ({ seconds: value }));
}

const facts = {
  date: '2026-01-02T03:04:05.000Z',
  machine: { cpu: 'c', cores: 2, memoryGiB: 8, system: 's', node: 'v24', tools: {} },
  options: { mainMiB: 1024 },
};

describe('results of the bench', () => {
  const results = new Results([
    result({ id: 'limits/tls' }, seconds(4, 2, 8)),
    result({ id: 'get/ours', reference: 'limits/tls' }, [
      { seconds: 8, cpuSeconds: 10, wireBytes: 1.04 * 2 ** 30, peakRssMiB: { getter: 90 } },
      { seconds: 16, cpuSeconds: 20, wireBytes: 1.04 * 2 ** 30, peakRssMiB: { holder: 120 } },
      { seconds: 4, cpuSeconds: 30, wireBytes: 1.04 * 2 ** 30, peakRssMiB: { getter: 95 } },
    ]),
    result({ id: 'get/aria2', reference: 'get/ours' }, seconds(32)),
    result({ id: 'get/syncthing', reference: 'get/ours' }, seconds(16)),
    result({ id: 'get/transmission', reference: 'get/ours' }, []),
    result({ id: 'latency/last byte', unit: 'ms' }, seconds(0.04, 0.02)),
  ]);

  it('turn seconds into what a line shows', () => {
    assert.equal(results.median('limits/tls'), 256);
    assert.equal(results.min('limits/tls'), 128);
    assert.equal(results.max('limits/tls'), 512);
    assert.ok(Math.abs(results.median('latency/last byte') - 30) < 1e-9);
  });

  it('hold a line against its reference, by medians', () => {
    assert.equal(results.ratio('get/ours'), 0.5);
    assert.equal(results.ratio('get/syncthing'), 0.5);
    assert.ok(Number.isNaN(results.ratio('limits/tls')));
    assert.ok(Number.isNaN(results.ratio('get/transmission')));
  });

  it('know cost, and the peak of any process in any round', () => {
    assert.equal(results.cpuSeconds('get/ours'), 20);
    assert.equal(results.peakMiB('get/ours'), 120);
    assert.ok(Number.isNaN(results.peakMiB('limits/tls')));
  });

  it('are held against the goals: the fastest of the tools that were measured counts', () => {
    const value = (start: string): number => {
      const goal = goals(1024).find(({ label }) => label.startsWith(start));
      assert.ok(goal, start);
      return goal.value(results);
    };
    assert.equal(value('get, all up'), 0.5);
    assert.equal(value('get against the fastest'), 2);
    assert.ok(Math.abs(value('bytes on the wire of a get') - 4) < 1e-9);
    assert.ok(Math.abs(value('last byte') - 30) < 1e-9);
    assert.ok(Number.isNaN(value('small files')));
    assert.ok(Number.isNaN(value('peak memory')));
  });

  it('reach a goal from its limit on, in the direction that is better', () => {
    const goal = (better: Goal['better'], atLeast: number, aim: number): Goal => {
      return { label: '', unit: '×', better, atLeast, aim, value: () => NaN };
    };
    const more = [0.4, 0.5, 0.7, NaN].map((value) => reached(goal('more', 0.5, 0.7), value));
    assert.deepEqual(more, ['no', 'at least', 'aim', 'not measured']);
    const less = [51, 50, 10].map((value) => reached(goal('less', 50, 10), value));
    assert.deepEqual(less, ['no', 'at least', 'aim']);
  });

  it('make a table with a line for each figure, and say why one is missing', () => {
    const text = resultsText(results);
    assert.match(
      text,
      /^ {2}get\/ours +128 +64\.0 – 256 +MiB\/s +3 +0\.50 +limits\/tls +20\.0 +1\.04 +120$/m,
    );
    assert.match(text, /^ {2}get\/transmission +– +see below$/m);
    assert.equal(problemsText(results), 'get/transmission: not installed: tool');
    assert.match(
      goalsText(results, goals(1024)),
      /^last byte to done +30\.0 ms +≤ 50\.0 ms .*at least$/m,
    );
  });

  it('are JSON without a figure that JSON has no word for', () => {
    const json = JSON.parse(JSON.stringify(resultsJson(facts, results, goals(1024)))) as {
      lines: { id: string; median: number | null; samples: unknown[] }[];
    };
    assert.deepEqual(
      json.lines.map(({ id, median, samples }) => [id, median, samples.length]).slice(3),
      [
        ['get/syncthing', 64, 1],
        ['get/transmission', null, 0],
        ['latency/last byte', results.median('latency/last byte'), 2],
      ],
    );
  });
});
