import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { RiskBook } from '../../../src/peer/repair/riskBook.js';
import type { HolderRisk } from '../../../src/store/store.js';

describe('the book of risks', () => {
  let asked: (readonly string[])[];
  let answers: (() => Promise<readonly HolderRisk[]>)[];
  const state = {
    risks: ({ without }: { readonly without: readonly string[] }) => {
      asked.push(without);
      return (answers.shift() ?? (() => Promise.resolve([])))();
    },
  };
  const risk = (lost: number): HolderRisk => ({ holderId: 'a', lost, atRisk: 0 });
  beforeEach(() => {
    asked = [];
    answers = [];
  });

  it('looks once as long as nothing changes, and again after that', async () => {
    const book = new RiskBook(state, () => ['gone']);
    answers = [() => Promise.resolve([risk(1)]), () => Promise.resolve([risk(2)])];
    const [one, two] = await Promise.all([book.all(), book.all()]);
    assert.deepEqual([one, two, await book.all()], [[risk(1)], [risk(1)], [risk(1)]]);
    assert.deepEqual(asked, [['gone']]);
    book.forget();
    assert.deepEqual(await book.all(), [risk(2)]);
    assert.equal(asked.length, 2);
  });

  it('does not keep what changed while it looked', async () => {
    const book = new RiskBook(state, () => []);
    answers = [
      () => {
        book.forget();
        return Promise.resolve([risk(1)]);
      },
      () => Promise.resolve([risk(2)]),
    ];
    assert.deepEqual(await book.all(), [risk(1)]);
    assert.deepEqual(await book.all(), [risk(2)]);
  });

  it('asks again after a failure', async () => {
    const book = new RiskBook(state, () => []);
    answers = [() => Promise.reject(new Error('busy'))];
    await assert.rejects(() => book.all());
    assert.deepEqual(await book.all(), []);
  });

  it('spends a twentieth of the time on it', async () => {
    const book = new RiskBook(state, () => []);
    const looks: { from: number; to: number }[] = [];
    const slow = async (): Promise<readonly HolderRisk[]> => {
      const from = performance.now();
      await new Promise((resolve) => setTimeout(resolve, 20));
      looks.push({ from, to: performance.now() });
      return [];
    };
    answers = [slow, slow];
    await book.all();
    book.forget();
    await book.all();
    const [first = assert.fail(), second = assert.fail()] = looks;
    // A timer may be a millisecond early.
    assert.ok(second.from - first.to >= 19 * (first.to - first.from) - 1, JSON.stringify(looks));
  });
});
