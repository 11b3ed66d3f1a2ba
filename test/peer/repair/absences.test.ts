import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import { Absences } from '../../../src/peer/repair/absences.js';

const minute = 60_000;

describe('Absences', () => {
  let kept: ReadonlyMap<string, number>;
  let online: Set<string>;
  let now: number;
  const load = (): Absences => {
    const putAbsences = (away: ReadonlyMap<string, number>): Promise<void> => {
      kept = new Map(away);
      return Promise.resolve();
    };
    return new Absences(
      {
        state: { putAbsences },
        members: () => ['a', 'b', 'c'],
        isOnline: (nodeId) => online.has(nodeId),
        now: () => now,
      },
      kept,
    );
  };
  beforeEach(() => {
    kept = new Map();
    online = new Set(['a', 'b']);
    now = 1000;
  });
  const pass = async (absences: Absences, minutes: number): Promise<void> => {
    for (let at = 0; at < minutes; at++) {
      now += minute;
      await absences.tick();
    }
  };

  it('counts from when somebody left until it is back', async () => {
    const absences = load();
    await pass(absences, 10);
    assert.equal(absences.of('c'), 10 * minute);
    assert.equal(absences.of('a'), 0);
    online.add('c');
    assert.equal(absences.of('c'), 0);
    await pass(absences, 1);
    online.delete('c');
    await pass(absences, 2);
    assert.equal(absences.of('c'), 2 * minute);
    absences.heardOf('c');
    assert.equal(absences.of('c'), 0);
  });

  it('counts nothing while it is cut off itself', async () => {
    const absences = load();
    online.clear();
    await pass(absences, 100_000);
    assert.equal(absences.of('c'), 0);
  });

  it('takes a sleep of the machine for no absence of the others', async () => {
    const absences = load();
    now += 24 * 60 * minute;
    await absences.tick();
    assert.ok(absences.of('c') <= 5 * minute);
  });

  it('goes on counting after a restart, and does not count what lies between', async () => {
    const absences = load();
    await pass(absences, 12);
    now += 1e9;
    const again = load();
    assert.ok(again.of('c') >= 10 * minute && again.of('c') <= 12 * minute);
    await again.tick();
    assert.ok(again.of('c') <= 12 * minute);
  });
});
