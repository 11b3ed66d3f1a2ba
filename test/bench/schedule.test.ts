import assert from 'node:assert/strict';
import { NotAvailable, type Row, type Sample } from './row.js';
import { runPhase, type Phase, type Runner } from './schedule.js';

function row(id: string, needs: readonly string[] = [], rounds?: number): Row {
  const line = { id, label: id, unit: 's', reference: '' } as const;
  const run = (): Promise<Record<string, Sample>> => Promise.reject(new Error('not by itself'));
  return { lines: [line], needs, run, ...(rounds === undefined ? {} : { rounds }) };
}

describe('the order of the bench', () => {
  let ran: string[];
  let seconds: number;
  let failing: Map<string, Error>;
  let interrupt: AbortController;

  beforeEach(() => {
    ran = [];
    seconds = 0;
    failing = new Map();
    interrupt = new AbortController();
  });

  function runner(): Runner {
    return {
      run: ({ lines }) => {
        const id = lines[0]?.id ?? '';
        ran.push(id);
        seconds += 10;
        const error = failing.get(id);
        return error ? Promise.reject(error) : Promise.resolve({ [id]: { seconds } });
      },
      missing: (needs) => needs,
      log: () => undefined,
      now: () => seconds,
      signal: interrupt.signal,
    };
  }

  function phase(rows: readonly Row[], more: Partial<Phase> = {}): Phase {
    return { name: 'p', rows, rounds: 3, leastRounds: 1, budgetSeconds: 1000, ...more };
  }

  it('alternates: each row once a round', async () => {
    const results = await runPhase(phase([row('a'), row('b', [], 2)]), runner());
    assert.equal(ran.join(''), 'ababa');
    assert.deepEqual(
      results.map(({ samples }) => samples.length),
      [3, 2],
    );
  });

  it('begins no round beyond the least when the time is over', async () => {
    await runPhase(phase([row('a'), row('b')], { budgetSeconds: 15 }), runner());
    assert.equal(ran.join(''), 'ab');
    ran = [];
    await runPhase(phase([row('a')], { budgetSeconds: 0, leastRounds: 3 }), runner());
    assert.equal(ran.join(''), 'aaa');
  });

  it('leaves out what is not installed or not available, and says so', async () => {
    failing.set('b', new NotAvailable('not in this version'));
    const results = await runPhase(phase([row('a', ['tool']), row('b'), row('c')]), runner());
    assert.equal(ran.join(''), 'bccc');
    assert.deepEqual(
      results.map(({ problem }) => problem),
      ['not installed: tool', 'not in this version', null],
    );
  });

  it('tries a row that failed once more, and tells the failure though the rest is there', async () => {
    failing.set('a', new Error('broken\nby something'));
    const results = await runPhase(phase([row('a'), row('b')], { rounds: 4 }), runner());
    assert.equal(ran.join(''), 'ababbb');
    assert.equal(results[0]?.problem, 'failed: broken');
  });

  it('ends at once when it is interrupted', async () => {
    failing.set('a', new Error('torn down'));
    const target = runner();
    const stopped = {
      ...target,
      run: (one: Row) => {
        interrupt.abort(new Error('interrupted'));
        return target.run(one);
      },
    };
    await assert.rejects(runPhase(phase([row('a'), row('b')]), stopped), /interrupted/);
    assert.equal(ran.join(''), 'a');
  });
});
