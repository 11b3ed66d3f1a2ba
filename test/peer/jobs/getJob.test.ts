import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, it } from 'mocha';
import fc from 'fast-check';
import { PeerError } from '../../../src/common/errors.js';
import { GetJob } from '../../../src/peer/jobs/getJob.js';
import type { FromWorker, GetJobInput } from '../../../src/peer/jobs/messages.js';
import { loadKernel } from '../../chunk/loadKernel.js';
import { flipByte } from '../../support/files.js';
import { Actor } from '../support/actor.js';
import { MadeFile } from '../support/madeFile.js';

const file = new MadeFile({
  groupId: 'ab'.repeat(32),
  author: new Actor('author'),
  epochKey: new Uint8Array(32),
  size: 20_000,
});
const { segments } = file.geometry;

describe('GetJob', () => {
  const kernel = loadKernel();
  let folder: string;
  let target: string;
  let job: GetJob | undefined;
  let posted: FromWorker[];
  /** Resolves with the code of what failed after a message was taken, or when all is done, with none. */
  let ended: PromiseWithResolvers<string>;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'get-job-'));
    target = path.join(folder, 'got.bin');
    posted = [];
  });
  afterEach(() => {
    job?.close();
    job = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  function start(change: Partial<GetJobInput> = {}): GetJob {
    const { info, geometry } = file;
    const { manifest } = file.opened();
    const end = (ended = Promise.withResolvers<string>());
    job = new GetJob(
      {
        kind: 'get',
        shareId: manifest.shareId,
        geometry,
        contentKey: info.contentKey,
        temporaryPath: path.join(folder, '.got.bin.part'),
        journal: null,
        resume: false,
        path: target,
        overwrite: false,
        acceptSame: false,
        treeOffset: info.treeOffset,
        treeLength: info.treeLength,
        treeDigest: info.treeDigest,
        folder: null,
        ...change,
      },
      kernel,
      (message) => {
        posted.push(message);
        if (message.type === 'finished') end.resolve('none');
      },
      (error) => {
        end.resolve(PeerError.from(error).code);
      },
    );
    return job;
  }

  const pieces = (segment: number, ...shards: number[]) => ({
    type: 'pieces' as const,
    segment,
    pieces: shards.map((shard) => {
      const piece = file.pieces[shard]?.[segment];
      return [shard, piece?.slice() ?? assert.fail()] as const;
    }),
  });
  const code = (task: () => unknown): string => {
    try {
      task();
    } catch (error) {
      return PeerError.from(error).code;
    }
    return 'none';
  };

  it('puts a file together whatever the order of segments, of any k shards', async () => {
    const orders = fc.shuffledSubarray([...Array(segments).keys()], { minLength: segments });
    const shards = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 2, maxLength: 2 });
    await fc.assert(
      fc.asyncProperty(orders, shards, async (order, chosen) => {
        rmSync(target, { force: true });
        posted = [];
        const job = start();
        for (const segment of order) {
          assert.ok(!existsSync(target));
          job.take(pieces(segment, ...chosen));
        }
        assert.equal(await ended.promise, 'none');
        job.close();
        assert.equal(posted.at(-1)?.type, 'finished');
        assert.deepEqual(readFileSync(target), Buffer.from(file.content));
        assert.deepEqual(readdirSync(folder), ['got.bin']);
        const done = posted.flatMap((message) => (message.type === 'written' ? message.done : []));
        assert.deepEqual(
          done,
          [...done].sort((a, b) => a - b),
        );
        assert.equal(done.at(-1), file.content.byteLength);
      }),
      { numRuns: 10 },
    );
  });

  it('rejects a segment that does not open and names the shard with bad chunks', async () => {
    const job = start();
    const wrong = pieces(0, 0, 3);
    const bad = wrong.pieces[1]?.[1] ?? assert.fail();
    bad[100] = (bad[100] ?? 0) ^ 1;
    job.take(wrong);
    const answer = posted[0];
    assert.ok(answer?.type === 'rejected');
    assert.deepEqual(answer.bad, [3]);
    assert.deepEqual(
      answer.hashes.map(([shard]) => shard),
      [0, 3],
    );
    for (let segment = 0; segment < segments; segment++) job.take(pieces(segment, 1, 2));
    assert.equal(await ended.promise, 'none');
  });

  it('names what is misplaced: another segment, another shard', () => {
    const job = start();
    const [one, two] = [pieces(0, 0, 1), pieces(1, 0, 1)];
    const swapped = [
      [0, two.pieces[0]?.[1] ?? assert.fail()],
      [1, one.pieces[1]?.[1] ?? assert.fail()],
    ] as const;
    job.take({ type: 'pieces', segment: 0, pieces: swapped });
    assert.deepEqual(posted[0]?.type === 'rejected' && posted[0].bad, [0]);
  });

  it('leaves nothing when closed before the end, twice too, and while it writes', async () => {
    for (const last of [1, segments]) {
      const job = start();
      for (let segment = 0; segment < last; segment++) job.take(pieces(segment, 0, 1));
      job.close();
      job.close();
      assert.deepEqual(readdirSync(folder), ['.got.bin.part']); // the system may still write to it
      while (readdirSync(folder).length > 0) await setImmediate();
      assert.deepEqual(posted, []);
    }
  });

  it('does not write through a link, or into a file, at its temporary path', () => {
    const precious = path.join(folder, 'precious');
    writeFileSync(precious, 'precious');
    const temporaryPath = path.join(folder, '.x.part');
    symlinkSync(precious, temporaryPath);
    assert.equal(
      code(() => start({ temporaryPath })),
      'exists',
    );
    rmSync(temporaryPath);
    symlinkSync(path.join(folder, 'nowhere'), temporaryPath);
    assert.equal(
      code(() => start({ temporaryPath })),
      'exists',
    );
    assert.equal(
      code(() => start({ temporaryPath: precious })),
      'exists',
    );
    assert.equal(readFileSync(precious, 'utf8'), 'precious');
    assert.deepEqual(readdirSync(folder).sort(), ['.x.part', 'precious']);
  });

  it('does not replace what has appeared under the name meanwhile, unless allowed', async () => {
    for (const overwrite of [false, true]) {
      rmSync(target, { force: true });
      const job = start({ overwrite });
      writeFileSync(target, 'theirs');
      for (let segment = 0; segment < segments; segment++) job.take(pieces(segment, 0, 2));
      assert.equal(await ended.promise, overwrite ? 'none' : 'exists');
      job.close();
      assert.equal(readFileSync(target).byteLength, overwrite ? file.content.byteLength : 6);
      assert.deepEqual(readdirSync(folder), ['got.bin']);
    }
  });

  describe('with a journal', () => {
    const part = (): string => path.join(folder, '.got.bin.part');
    const withJournal = (resume: boolean): GetJob =>
      start({ journal: path.join(folder, 'journal'), resume });

    /** Gives some segments to a run that is then killed. */
    async function interrupted(given: readonly number[], resume = false): Promise<void> {
      const job = withJournal(resume);
      if (resume) job.take({ type: 'begin' });
      for (const segment of given) job.take(pieces(segment, 0, 1));
      const written = (): number => posted.filter(({ type }) => type === 'written').length;
      while (written() < given.length) await setImmediate();
      job.close(true);
    }

    /** Goes on to the end; answers the segments that were asked for. */
    async function finished(): Promise<Set<number>> {
      const job = withJournal(true);
      const plan = posted.find((message) => message.type === 'planned');
      assert.ok(plan?.type === 'planned');
      const kept = new Set(plan.kept);
      const fetched = new Set([...Array(segments).keys()].filter((segment) => !kept.has(segment)));
      let seen = 0;
      job.take({ type: 'begin' });
      for (const segment of fetched) job.take(pieces(segment, 2, 3));
      const over = ended.promise.then(() => true);
      while (!(await Promise.race([over, setImmediate(false)]))) {
        for (const message of posted.slice(seen)) {
          if (message.type !== 'missing') continue;
          fetched.add(message.segment);
          job.take(pieces(message.segment, 1, 3));
        }
        seen = posted.length;
      }
      assert.equal(await ended.promise, 'none');
      job.close();
      assert.deepEqual(readFileSync(target), Buffer.from(file.content));
      return fetched;
    }

    it('keeps the file from others until it is whole, also one that was left open to them', async function () {
      if (process.platform === 'win32') return this.skip(); // no such permissions
      const mode = (name: string): number => statSync(name).mode & 0o777;
      await interrupted([0]);
      assert.equal(mode(part()), 0o600);
      chmodSync(part(), 0o644);
      await interrupted([1], true);
      assert.equal(mode(part()), 0o600);
      await finished();
      const byDefault = path.join(folder, 'default');
      writeFileSync(byDefault, '', { mode: 0o644 }); // as the file that was shared
      assert.equal(mode(target), mode(byDefault));
    });

    it('goes on after any interruption, and asks for nothing twice', async () => {
      const some = fc.uniqueArray(fc.nat(segments - 1), { maxLength: segments - 1 });
      await fc.assert(
        fc.asyncProperty(some, async (before) => {
          posted = [];
          rmSync(target, { force: true });
          await interrupted(before);
          assert.ok(!existsSync(target));
          posted = [];
          const fetched = await finished();
          assert.equal(fetched.size, segments - before.length);
          assert.deepEqual(readdirSync(folder).sort(), ['got.bin', 'journal']);
        }),
        { numRuns: 20 },
      );
    });

    it('believes no segment that is not what it was: damage, a cut, a journal of old', async () => {
      const headerSize = 56 + Buffer.byteLength(part());
      const harm: [string, () => void][] = [
        ['a byte', () => flipByte(part(), 3000)],
        ['the end', () => truncateSync(part(), 4000)],
        ['everything', () => truncateSync(part(), 0)],
        ['the journal', () => truncateSync(path.join(folder, 'journal'), headerSize + 100)],
        ['the journal, all of it', () => rmSync(path.join(folder, 'journal'))],
        ['nothing', () => undefined],
      ];
      const counts: number[] = [];
      for (const [, harmIt] of harm) {
        posted = [];
        rmSync(target, { force: true });
        await interrupted([0, 1, 2, 3, 4, 5]);
        harmIt();
        posted = [];
        counts.push((await finished()).size - (segments - 6));
      }
      assert.deepEqual(counts, [1, 4, 6, 4, 6, 0]);
    });

    it('can be interrupted again and again', async () => {
      await interrupted([0, 1]);
      posted = [];
      const job = withJournal(true);
      job.take({ type: 'begin' });
      job.take(pieces(2, 0, 1));
      while (posted.filter(({ type }) => type === 'written').length < 3) await setImmediate();
      job.close(true);
      posted = [];
      assert.equal((await finished()).size, segments - 3);
    });

    it('leaves nothing behind when it is given up', async () => {
      await interrupted([0, 1]);
      withJournal(true).close();
      assert.deepEqual(readdirSync(folder), ['journal']);
    });
  });

  it('does not publish a file that is not what was signed', async () => {
    const job = start({ treeDigest: new Uint8Array(32) });
    for (let segment = 0; segment < segments; segment++) job.take(pieces(segment, 0, 2));
    assert.equal(await ended.promise, 'integrity');
    job.close();
    assert.deepEqual(readdirSync(folder), []);
  });

  it('fails in a folder that is not there, and for a tree beyond the limit', () => {
    const temporaryPath = path.join(folder, 'none', '.x.part');
    assert.equal(
      code(() => start({ temporaryPath })),
      'not-found',
    );
    assert.equal(
      code(() => start({ treeLength: 2 ** 40 })),
      'limit',
    );
    assert.deepEqual(readdirSync(folder), []);
  });
});
