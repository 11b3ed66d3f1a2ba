import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'mocha';
import type { ShareInfo } from '../../src/control/contract.js';
import { planDownloads, type Answer, type Wanted } from '../../src/vscode/downloads/plan.js';
import { share } from '../cli/fakes.js';

describe('what becomes of downloads whose target is taken', () => {
  let folder: string;
  let questions: string[];
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'plan-'));
    questions = [];
    for (const name of ['a.txt', 'b.txt', 'c.txt']) writeFileSync(path.join(folder, name), name);
    mkdirSync(path.join(folder, 'full'));
    writeFileSync(path.join(folder, 'full', 'x'), '');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const wanted = (name: string, more: Partial<ShareInfo> = {}): Wanted => ({
    share: { ...share, name, size: 5, ...more },
    path: path.join(folder, name),
  });
  const files = (): Wanted[] => ['a.txt', 'new.txt', 'b.txt', 'c.txt'].map((name) => wanted(name));

  /** Answers questions in their order; one that is not expected fails the test. */
  const answers =
    (...given: (Answer | undefined)[]) =>
    (one: Wanted): Promise<Answer | undefined> => {
      questions.push(one.share.name);
      assert.ok(given.length > 0, `asked about ${one.share.name}`);
      return Promise.resolve(given.shift());
    };
  const none = answers();

  it('goes on with the rest after No to all', async () => {
    const plan = await planDownloads(files(), 'ask', answers({ decision: 'skip', forAll: true }));
    assert.deepEqual(questions, ['a.txt']);
    assert.deepEqual(
      plan?.downloads.map(({ share: { name } }) => name),
      ['new.txt'],
    );
    assert.deepEqual(
      plan.skipped.map(({ share: { name } }) => name),
      ['a.txt', 'b.txt', 'c.txt'],
    );
  });

  it('is asked of each, and given up as a whole', async () => {
    const one = (decision: Answer['decision']): Answer => ({ decision, forAll: false });
    const ask = answers(one('overwrite'), one('rename'), one('resume'));
    const plan = await planDownloads(files(), 'ask', ask);
    assert.deepEqual(
      plan?.downloads.map((d) => [path.basename(d.path), d.overwrite, d.acceptSame]),
      [
        ['a.txt', true, false],
        ['new.txt', false, false],
        ['b (2).txt', false, false],
        ['c.txt', false, true],
      ],
    );
    assert.equal(await planDownloads(files(), 'ask', answers(one('skip'), undefined)), undefined);
  });

  it('follows the setting without a question', async () => {
    const flags = async (policy: 'resume' | 'rename' | 'overwrite' | 'skip'): Promise<unknown> =>
      (await planDownloads([wanted('a.txt')], policy, none))?.downloads.map((d) => [
        path.basename(d.path),
        d.overwrite,
        d.acceptSame,
      ]);
    assert.deepEqual(await flags('resume'), [['a.txt', false, true]]);
    assert.deepEqual(await flags('rename'), [['a (2).txt', false, false]]);
    assert.deepEqual(await flags('overwrite'), [['a.txt', true, false]]);
    assert.deepEqual(await flags('skip'), []);
  });

  it('asks where a choice does not fit: another size, and folders, which are never replaced', async () => {
    const skip = { decision: 'skip', forAll: false } as const;
    await planDownloads([wanted('a.txt', { size: 6 })], 'resume', answers(skip));
    await planDownloads([wanted('full', { kind: 'folder' })], 'overwrite', answers(skip));
    await planDownloads([wanted('full')], 'overwrite', answers(skip));
    assert.deepEqual(questions, ['a.txt', 'full', 'full']);
  });

  it('never lets one of two files of a name end the other', async () => {
    const twice = [wanted('same.txt'), wanted('same.txt')];
    const plan = await planDownloads(twice, 'overwrite', none);
    assert.deepEqual(
      plan?.downloads.map((d) => path.basename(d.path)),
      ['same.txt', 'same (2).txt'],
    );
  });
});
