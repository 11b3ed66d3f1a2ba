import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, it } from 'mocha';
import { PeerError } from '../../src/common/errors.js';
import { silentLogger } from '../../src/common/logger.js';
import { getFile, type Got } from '../../src/peer/get/getFile.js';
import { identityAt } from '../../src/peer/jobs/fileIdentity.js';
import { SealJournal } from '../../src/peer/jobs/sealJournal.js';
import { discardGet, discardStray } from '../../src/peer/get/workplace.js';
import type { Kept } from '../../src/peer/transfers/keptTask.js';
import type { GetDraft } from '../../src/peer/transfers/task.js';
import { Actor } from '../peer/support/actor.js';
import { MadeFile } from '../peer/support/madeFile.js';
import { gone, hang, type MemoryHolder } from '../peer/support/memoryHolder.js';
import { PeerFixture } from '../peer/support/peerFixture.js';
import { rejects } from '../peer/support/rejects.js';

const actors = Array.from({ length: 4 }, (_, index) => new Actor(`holder ${String(index)}`));
const author = new Actor('author');
const options = { groupId: 'ab'.repeat(32), author, epochKey: new Uint8Array(32).fill(1) };

describe('getFile', () => {
  let fixture: PeerFixture;
  let folder: string;
  let target: string;
  before(() => {
    fixture = new PeerFixture();
  });
  beforeEach(() => {
    folder = fixture.folder();
    target = path.join(folder, 'got.bin');
  });
  after(() => fixture.remove());

  function holdersOf(file: MadeFile): MemoryHolder[] {
    return actors.map((actor, shard) => file.holder(actor, shard));
  }

  function get(
    file: MadeFile,
    holders: readonly MemoryHolder[],
    more: Partial<Parameters<typeof getFile>[0]> = {},
  ): Promise<Got> {
    return getFile({
      share: file.opened(),
      locations: actors.map(({ nodeId }, shard) => ({ holderId: nodeId, shard })),
      holder: (nodeId) => holders.find((holder) => holder.nodeId === nodeId),
      threads: fixture.threads,
      logger: silentLogger,
      path: target,
      overwrite: false,
      folder: null,
      signal: new AbortController().signal,
      onProgress: () => undefined,
      ...more,
    });
  }

  function damage(holder: MemoryHolder | undefined, at: number): void {
    if (holder === undefined) assert.fail();
    holder.alter = (piece) => {
      piece[at] = (piece[at] ?? 0) ^ 1;
      return piece;
    };
  }

  it('writes the file, tells the progress in order and who gave how much', async () => {
    const file = new MadeFile({ ...options, size: 200_000 });
    const progress: number[] = [];
    const got = await get(file, holdersOf(file), {
      onProgress: (done, total) => {
        assert.equal(total, 200_000);
        progress.push(done);
      },
    });
    assert.deepEqual(readFileSync(target), Buffer.from(file.content));
    assert.equal(got.bytes, 200_000);
    assert.equal(got.sha256, createHash('sha256').update(file.content).digest('hex'));
    assert.deepEqual(
      progress,
      [...progress].sort((a, b) => a - b),
    );
    assert.equal(progress.at(-1), 200_000);
    const sum = [...got.from.values()].reduce((a, b) => a + b, 0);
    assert.ok(sum >= 200_000);
    assert.deepEqual(readdirSync(folder), ['got.bin']);
  });

  it('gets files of nothing, and of copies', async () => {
    for (const [size, k] of [
      [0, 2],
      [0, 1],
      [3000, 1],
    ] as const) {
      const file = new MadeFile({ ...options, size, k, m: 2 });
      await get(file, holdersOf(file).slice(1, 3), { overwrite: true });
      assert.deepEqual(readFileSync(target), Buffer.from(file.content));
    }
  });

  it('blames only the holder of a damaged chunk: k+1 holders are enough', async () => {
    for (const at of [3, 200]) {
      const file = new MadeFile({ ...options, size: 30_000 });
      const holders = holdersOf(file).slice(0, 3);
      damage(holders[0], at);
      await get(file, holders, { overwrite: true });
      assert.deepEqual(readFileSync(target), Buffer.from(file.content));
    }
  });

  it('blames a holder that sends well-formed chunks of another place', async () => {
    const file = new MadeFile({ ...options, size: 30_000 });
    const other = new MadeFile({ ...options, size: 30_000 });
    const holders = holdersOf(file).slice(0, 3);
    const liar = holders[1];
    if (liar === undefined) assert.fail();
    liar.alter = (_piece, segment) => other.pieces[1]?.[segment]?.slice() ?? assert.fail();
    await get(file, holders);
    assert.deepEqual(readFileSync(target), Buffer.from(file.content));
  });

  it('writes nothing when too many holders lie', async () => {
    const file = new MadeFile({ ...options, size: 30_000 });
    const holders = holdersOf(file).slice(0, 3);
    damage(holders[0], 100);
    damage(holders[2], 300);
    await rejects('not-enough-shards', () => get(file, holders));
    assert.deepEqual(readdirSync(folder), []);
  });

  describe('again, after an interruption', () => {
    /** As the transfers keep it, over runs. */
    class Draft implements Kept<GetDraft> {
      draft: GetDraft | null = null;
      readonly journal = path.join(fixture.folder(), 'a.seals');
      hasRun = false;
      readonly note = (draft: GetDraft) => this.save(draft);

      save(draft: GetDraft | null): Promise<void> {
        this.draft = draft;
        return Promise.resolve();
      }
    }
    let kept: Draft;
    let file: MadeFile;
    let holders: MemoryHolder[];
    beforeEach(() => {
      kept = new Draft();
      file = new MadeFile({ ...options, size: 200_000 });
      holders = holdersOf(file);
    });
    const asked = (): number => holders.reduce((sum, holder) => sum + holder.count('piece'), 0);
    /** Runs until so many bytes are written. */
    async function interruptedAt(bytes: number): Promise<void> {
      const interrupt = new AbortController();
      const onProgress = (done: number): void => {
        if (done >= bytes) interrupt.abort();
      };
      const { signal } = interrupt;
      await rejects('cancelled', () =>
        get(file, holders, { kept, goesOn: () => true, signal, onProgress }),
      );
      assert.equal(readdirSync(folder).length, 1);
    }

    it('fetches only what is missing', async () => {
      await interruptedAt(100_000);
      const before = asked();
      const done: number[] = [];
      await get(file, holders, { kept, onProgress: (now) => done.push(now) });
      assert.deepEqual(readFileSync(target), Buffer.from(file.content));
      assert.deepEqual(readdirSync(folder), ['got.bin']);
      const needed = 2 * file.geometry.segments;
      assert.ok(asked() - before < 0.6 * needed, `${String(asked() - before)} of ${needed}`);
      assert.equal(done.at(-1), 200_000);
    });

    it('begins anew where the part is gone, or is another file', async () => {
      for (const change of [(part: string) => rmSync(part), (part: string) => swap(part)]) {
        rmSync(target, { force: true });
        kept.draft = null;
        await interruptedAt(100_000);
        const part = path.join(folder, readdirSync(folder)[0] ?? assert.fail());
        change(part);
        await get(file, holders, { kept });
        assert.deepEqual(readFileSync(target), Buffer.from(file.content));
      }
      function swap(part: string): void {
        rmSync(part);
        writeFileSync(part, 'not ours');
      }
      const left = readdirSync(folder).filter((name) => name !== 'got.bin');
      assert.deepEqual(
        left.map((name) => readFileSync(path.join(folder, name), 'utf8')),
        ['not ours'],
      );
    });

    it('knows its own work under the final name: it was interrupted behind the rename', async () => {
      await get(file, holders, { kept });
      const before = asked();
      const again = await get(file, holders, { kept });
      assert.equal(asked(), before);
      assert.equal(again.sha256, createHash('sha256').update(file.content).digest('hex'));
      // Somebody else's file of that name is not ours.
      rmSync(target);
      writeFileSync(target, file.content);
      await rejects('exists', () => get(file, holders, { kept }));
    });

    it('knows it between its two names, too', async () => {
      await get(file, holders, { kept });
      linkSync(target, kept.draft?.temporaryPath ?? assert.fail());
      const before = asked();
      await get(file, holders, { kept });
      assert.equal(asked(), before);
      assert.deepEqual(readdirSync(folder), ['got.bin']);
    });

    it('knows a small one, of which nothing was kept, by its content', async () => {
      const small = new MadeFile({ ...options, size: 500 });
      await get(small, holdersOf(small), { kept });
      assert.equal(kept.draft, null);
      rmSync(kept.journal);
      await rejects('exists', () => get(small, holdersOf(small), { kept }));
      kept.hasRun = true;
      await get(small, holdersOf(small), { kept });
      writeFileSync(target, randomBytes(500));
      await rejects('exists', () => get(small, holdersOf(small), { kept }));
    });

    it('takes the same file that lies there for the result when it is told to', async () => {
      writeFileSync(target, file.content);
      await get(file, holders, { acceptSame: true });
      assert.equal(asked(), 0);
      const other = file.content.slice();
      other[5] = (other[5] ?? 0) ^ 1;
      writeFileSync(target, other);
      await rejects('exists', () => get(file, holders, { acceptSame: true }));
      assert.deepEqual(readFileSync(target), Buffer.from(other));
    });

    it('finds the part of a small one that was killed, and goes on with it', async () => {
      const small = new MadeFile({ ...options, size: 500 });
      const { shareId } = small.opened().manifest;
      const part = path.join(folder, '.got.bin.00112233.part');
      for (const isMade of [false, true]) {
        writeFileSync(part, isMade ? 'half' : '');
        const again = SealJournal.create(kept.journal, shareId, part);
        if (isMade) again.setOwner(identityAt(part) ?? assert.fail());
        again.close();
        await get(small, holdersOf(small), { kept, overwrite: true });
        assert.deepEqual(readFileSync(target), Buffer.from(small.content));
        assert.deepEqual(readdirSync(folder), ['got.bin']);
      }
    });

    it('removes what only a journal tells of, and nothing that came in its place', async () => {
      const part = path.join(folder, '.got.bin.00112233.part');
      for (const isOwn of [true, false]) {
        writeFileSync(part, 'half');
        const journal = SealJournal.create(kept.journal, new Uint8Array(16), part);
        journal.setOwner(identityAt(part) ?? assert.fail());
        journal.close();
        if (!isOwn) {
          writeFileSync(`${part}.new`, 'theirs');
          renameSync(`${part}.new`, part);
        }
        await discardStray(kept.journal);
        assert.deepEqual(readdirSync(folder), isOwn ? [] : ['.got.bin.00112233.part']);
        assert.ok(!existsSync(kept.journal));
      }
    });

    it('removes what it has left, and nothing of others, when it is given up', async () => {
      await interruptedAt(100_000);
      const { shareId } = file.opened().manifest;
      await discardGet(kept, shareId);
      assert.deepEqual(readdirSync(folder), []);
      const { temporaryPath } = kept.draft ?? assert.fail();
      writeFileSync(temporaryPath, 'not ours');
      await discardGet(kept, shareId);
      assert.equal(readdirSync(folder).length, 1);
    });
  });

  it('goes on when a holder leaves in the middle', async () => {
    const file = new MadeFile({ ...options, size: 60_000 });
    const holders = holdersOf(file);
    const leaving = holders[0];
    if (leaving === undefined) assert.fail();
    leaving.before = () => {
      if (leaving.count('piece') > 5) gone();
    };
    await get(file, holders);
    assert.deepEqual(readFileSync(target), Buffer.from(file.content));
  });

  it('leaves nothing behind when too few can be reached', async () => {
    const file = new MadeFile({ ...options, size: 30_000 });
    await rejects('not-enough-shards', () => get(file, holdersOf(file).slice(0, 1)));
    assert.deepEqual(readdirSync(folder), []);
  });

  it('leaves nothing behind when cancelled, and asks nobody any more', async () => {
    const file = new MadeFile({ ...options, size: 60_000 });
    const holders = holdersOf(file);
    const controller = new AbortController();
    for (const holder of holders) {
      holder.before = (_step, signal, segment = 0) => {
        if (segment < 4) return;
        queueMicrotask(() => {
          controller.abort();
        });
        return hang(signal);
      };
    }
    await rejects('cancelled', () => get(file, holders, { signal: controller.signal }));
    assert.deepEqual(readdirSync(folder), []);
    const silent = holdersOf(file);
    await rejects('cancelled', () => get(file, silent, { signal: controller.signal }));
    assert.ok(silent.every(({ steps }) => steps.length === 0));
  });

  it('agrees with what is there when it is cancelled in its last moment', async () => {
    const file = new MadeFile({ ...options, size: 60_000 });
    for (let delay = 0; delay < 12; delay++) {
      const controller = new AbortController();
      const outcome = await get(file, holdersOf(file), {
        signal: controller.signal,
        onProgress: (done, total) => {
          if (done < total) return;
          setTimeout(() => {
            controller.abort();
          }, delay);
        },
      }).then(
        () => 'done',
        (error: unknown) => PeerError.from(error).code,
      );
      assert.equal(outcome, readdirSync(folder).length > 0 ? 'done' : 'cancelled');
      for (const name of readdirSync(folder)) rmSync(path.join(folder, name));
    }
  });

  it('stays within bounds ahead of a segment that does not come', async () => {
    const file = new MadeFile({ ...options, size: 400_000 });
    const holders = holdersOf(file).slice(0, 2);
    const controller = new AbortController();
    const asked = new Set<number>();
    let written = 0;
    for (const holder of holders) {
      holder.before = (_step, signal, segment = 0) => {
        asked.add(segment);
        if (segment === 0) return hang(signal);
      };
    }
    const running = get(file, holders, {
      signal: controller.signal,
      onProgress: () => {
        written += 1;
        // Nothing more is under way then: all that may be done ahead is done.
        if (written === 35) controller.abort();
      },
    });
    await rejects('cancelled', () => running);
    assert.ok(file.geometry.segments > 100);
    assert.equal(Math.max(...asked), 35);
  });

  it('refuses targets before it asks anybody', async () => {
    const file = new MadeFile(options);
    const holders = holdersOf(file);
    writeFileSync(target, 'mine');
    await rejects('exists', () => get(file, holders));
    mkdirSync(path.join(folder, 'sub'));
    await rejects('not-a-file', () => get(file, holders, { path: path.join(folder, 'sub') }));
    await rejects('not-found', () => get(file, holders, { path: path.join(folder, 'no', 'x') }));
    assert.ok(holders.every(({ steps }) => steps.length === 0));
    assert.equal(readFileSync(target, 'utf8'), 'mine');
  });

  it('replaces a file when allowed, and a link itself, never what it points to', async () => {
    const file = new MadeFile(options);
    const elsewhere = path.join(fixture.folder(), 'precious');
    writeFileSync(elsewhere, 'precious');
    symlinkSync(elsewhere, target);
    await rejects('exists', () => get(file, holdersOf(file)));
    await get(file, holdersOf(file), { overwrite: true });
    assert.equal(readFileSync(elsewhere, 'utf8'), 'precious');
    assert.deepEqual(readFileSync(target), Buffer.from(file.content));
  });

  it('does not take the name of a file that appears meanwhile', async () => {
    const file = new MadeFile(options);
    const holders = holdersOf(file);
    for (const holder of holders) {
      holder.before = () => {
        writeFileSync(target, 'theirs');
      };
    }
    await rejects('exists', () => get(file, holders));
    assert.equal(readFileSync(target, 'utf8'), 'theirs');
    assert.deepEqual(readdirSync(folder), ['got.bin']);
  });

  it('refuses a file whose hash is not the one that was signed', async () => {
    const file = new MadeFile({ ...options, size: 5_000 });
    const share = file.opened();
    const lying = { ...share, info: { ...share.info, treeDigest: new Uint8Array(32) } };
    await rejects('integrity', () => get(file, holdersOf(file), { share: lying }));
    assert.deepEqual(readdirSync(folder), []);
  });

  it('refuses a list of files beyond the limit before it makes room for it', async () => {
    const file = new MadeFile(options);
    const share = file.opened();
    const huge = { ...share, info: { ...share.info, treeLength: 2 ** 32 } };
    await rejects('limit', () => get(file, holdersOf(file), { share: huge }));
    assert.deepEqual(readdirSync(folder), []);
  });
});
