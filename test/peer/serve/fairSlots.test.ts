import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { FairSlots } from '../../../src/peer/serve/fairSlots.js';
import { turn } from '../../support/virtualTime.js';
import { rejects } from '../support/rejects.js';

interface Task {
  readonly owner: string;
  readonly done: Promise<unknown>;
  readonly end: () => void;
}

describe('FairSlots', () => {
  let slots: FairSlots;
  /** Owners of tasks in the order in which these began, and what ends them. */
  let began: Task[];
  const start = (owner: string, signal?: AbortSignal): Promise<unknown> => {
    const over = Promise.withResolvers<undefined>();
    const done = slots.use(
      owner,
      () => {
        began.push({
          owner,
          done,
          end: () => {
            over.resolve(undefined);
          },
        });
        return over.promise;
      },
      signal,
    );
    return done;
  };
  const owners = (): string => began.map(({ owner }) => owner).join('');
  const endFirst = async (): Promise<void> => {
    began.shift()?.end();
    await turn();
  };
  beforeEach(() => {
    began = [];
    slots = new FairSlots({ total: 4, each: 3 });
  });

  it('leave room for others, however many tasks one owner brings', async () => {
    for (let i = 0; i < 20; i++) void start('a');
    await turn();
    assert.equal(owners(), 'aaa');
    void start('b');
    await turn();
    assert.equal(owners(), 'aaab');
  });

  it('give owners that wait their turns, one after the other', async () => {
    for (const owner of 'aaaaaaaabbcc') void start(owner);
    await turn();
    assert.equal(owners(), 'aaab');
    let order = '';
    while (began.length > 0) {
      const before = began.length;
      await endFirst();
      order += owners().slice(before - 1);
    }
    assert.equal(order, 'abcacaaa');
  });

  it('let those leave who are cancelled, and free the slots of those that fail', async () => {
    const leaving = new AbortController();
    for (let i = 0; i < 4; i++) void start('a');
    const given = start('a', leaving.signal);
    leaving.abort();
    await rejects('cancelled', () => given);
    await rejects('cancelled', () => start('b', leaving.signal));
    const failing = slots.use('b', () => Promise.reject(new Error('no')));
    await assert.rejects(failing);
    await turn();
    assert.equal(owners(), 'aaa');
    await endFirst();
    assert.equal(owners(), 'aaa');
    void start('b');
    await turn();
    assert.equal(owners(), 'aaab');
  });

  it('never exceed their size, lose no task, and keep the order of each owner', async () => {
    const step = fc.oneof(
      fc.constantFrom('a', 'b', 'c', 'd').map((owner) => ({ owner })),
      fc.nat(3).map((end) => ({ end })),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 4 }),
        async (steps, each) => {
          began = [];
          slots = new FairSlots({ total: 4, each });
          const all: Promise<unknown>[] = [];
          for (const one of steps) {
            if ('owner' in one) all.push(start(one.owner));
            else began.splice(one.end, 1)[0]?.end();
            await new Promise(setImmediate);
            assert.ok(began.length <= 4);
            for (const owner of 'abcd') {
              assert.ok(began.filter((task) => task.owner === owner).length <= each);
            }
          }
          while (began.length > 0) await endFirst();
          await Promise.all(all);
        },
      ),
      { numRuns: 60 },
    );
  });
});
