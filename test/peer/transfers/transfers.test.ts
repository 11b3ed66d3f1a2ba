import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { describe, it } from 'mocha';
import { PeerError } from '../../../src/common/errors.js';
import { Transfers } from '../../../src/peer/transfers/transfers.js';
import { Emitter } from '../../../src/common/events.js';
import { freshTask, KeptTask } from '../../../src/peer/transfers/keptTask.js';
import type { Transfer } from '../../../src/peer/transfers/transfer.js';
import type { TransferRow } from '../../../src/store/store.js';
import { turn, VirtualTime } from '../../support/virtualTime.js';
import { rejects } from '../support/rejects.js';

const start = (transferId: string) =>
  ({ transferId, kind: 'get', name: 'file', path: '/tmp/file' }) as const;
const calm = new AbortController().signal;

function watched(): { transfers: Transfers; told: Transfer[] } {
  const transfers = new Transfers();
  const told: Transfer[] = [];
  transfers.onDidChange((transfer) => told.push(transfer));
  return { transfers, told };
}

describe('Transfers', () => {
  it('tell the start, the move now and then, and always the end', async () => {
    const { transfers, told } = watched();
    let now = 0;
    const clock = mock.method(performance, 'now', () => now);
    try {
      await transfers.run(start('a'), calm, (progress) => {
        progress.named({ shareId: '11' });
        for (let step = 1; step <= 100; step++) {
          now += 10;
          progress.moved(step, 200, 3);
        }
        return Promise.resolve();
      });
    } finally {
      clock.mock.restore();
    }
    const moving = told.slice(1, -1);
    assert.deepEqual(
      moving.map(({ bytesDone }) => bytesDone),
      [25, 50, 75, 100],
    );
    assert.equal(told[0]?.state, 'running');
    const last = told.at(-1);
    assert.deepEqual(
      [last?.state, last?.bytesDone, last?.shareId, last?.peers, last?.error],
      ['done', 200, '11', 3, null],
    );
    assert.equal(moving.at(-1)?.bytesPerSecond, 100);
  });

  it('keep the reason of a failure, and pass it on', async () => {
    const { transfers, told } = watched();
    await rejects('disk-full', () =>
      transfers.run(start('a'), calm, () => {
        throw new PeerError('disk-full', 'Full.', { hint: 'Make room.' });
      }),
    );
    assert.deepEqual(told.at(-1)?.error, {
      code: 'disk-full',
      message: 'Full.',
      hint: 'Make room.',
    });
    assert.equal(told.at(-1)?.state, 'failed');
    assert.equal(transfers.running, 0);
  });

  it('are cancelled by their id, or by whoever asked for them', async () => {
    const { transfers, told } = watched();
    const task = ({ signal }: { signal: AbortSignal }): Promise<never> =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(new PeerError('cancelled', 'Cancelled.'));
        });
      });
    const outer = new AbortController();
    const first = transfers.run(start('a'), calm, task);
    const second = transfers.run(start('b'), outer.signal, task);
    transfers.cancel('a');
    transfers.cancel('nobody');
    await rejects('cancelled', () => first);
    assert.equal(transfers.running, 1);
    outer.abort();
    await rejects('cancelled', () => second);
    assert.deepEqual(
      told.slice(-2).map(({ state }) => state),
      ['cancelled', 'cancelled'],
    );
  });

  it('run once under an id, and again after the end', async () => {
    const { transfers } = watched();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const first = transfers.run(start('a'), calm, () => promise);
    await rejects('usage', () => transfers.run(start('a'), calm, () => promise));
    resolve(undefined);
    await first;
    await transfers.run(start('a'), calm, () => Promise.resolve());
    assert.equal(transfers.list().length, 1);
  });

  it('are bounded, running and ended', async () => {
    const { transfers } = watched();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const runs = Array.from({ length: 64 }, (_, i) =>
      transfers.run(start(`r${String(i)}`), calm, () => promise),
    );
    await rejects('limit', () => transfers.run(start('more'), calm, () => promise));
    resolve(undefined);
    await Promise.all(runs);
    for (let i = 0; i < 300; i++) {
      await transfers.run(start(`e${String(i)}`), calm, () => Promise.resolve());
    }
    assert.equal(transfers.list().length, 200);
    assert.equal(transfers.list().at(-1)?.transferId, 'e299');
  });

  it('forget ended ones when told, and no running one', async () => {
    const { transfers } = watched();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const running = transfers.run(start('running'), calm, () => promise);
    await transfers.run(start('done'), calm, () => Promise.resolve());
    transfers.clear();
    assert.deepEqual(
      transfers.list().map(({ transferId }) => transferId),
      ['running'],
    );
    resolve(undefined);
    await running;
  });

  describe('that outlive their interruptions', () => {
    const full = new PeerError('disk-full', 'Full.');
    const alone = new PeerError('not-enough-shards', 'Nobody is there.');
    let time: VirtualTime;
    let rows: Map<string, TransferRow>;
    let peers: Emitter<undefined>;
    let transfers: Transfers;
    let told: string[];
    let undone: number;
    /** Whether each attempt comes farther than the one before. */
    let moves: boolean;
    let task: KeptTask<'get'>;
    beforeEach(() => {
      time = new VirtualTime();
      rows = new Map();
      peers = new Emitter();
      transfers = new Transfers({ time, onPeers: peers.event });
      told = [];
      undone = 0;
      moves = true;
      transfers.onDidChange(({ state }) => told.push(state));
      task = newTask();
    });

    function newTask(id = 'a'): KeptTask<'get'> {
      const state = {
        transfers: () => Promise.resolve([...rows.values()]),
        putTransfer: (row: TransferRow) => Promise.resolve(void rows.set(row.transferId, row)),
        dropTransfer: (id: string) => Promise.resolve(void rows.delete(id)),
      };
      const asked = {
        ...{ kind: 'get' as const, name: 'file', shareId: '00', path: '/tmp/file' },
        ...{ overwrite: false, acceptSame: false, entries: null },
      };
      return new KeptTask<'get'>(state, '/nowhere', id, freshTask<'get'>(asked), null);
    }

    /** Runs attempts, one after the other: each moves a byte more, and ends as it is told. */
    function run(attempts: (() => Promise<number> | number)[], signal = calm): Promise<number> {
      let bytes = 0;
      return transfers.run(
        start('a'),
        signal,
        async (progress) => {
          await task.save({ temporaryPath: '/tmp/.file.part' });
          progress.moved((bytes += moves ? 1 : 0), 10, 1);
          const attempt = attempts.shift() ?? assert.fail('one attempt too many');
          return await Promise.race([attempt(), stopped(progress.signal)]);
        },
        {
          task,
          isUnattended: true,
          discard: () => {
            undone += 1;
            return task.drop();
          },
        },
      );
    }
    function stopped(signal: AbortSignal): Promise<never> {
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(new PeerError('cancelled', 'Stopped.'));
        });
      });
    }
    const never = (): Promise<number> => new Promise(() => undefined);
    const fail = (error: PeerError) => (): never => {
      throw error;
    };
    const state = () => transfers.list()[0]?.state;

    it('stop when they are paused, and go on when they are resumed', async () => {
      const running = run([never, () => 7]);
      await turn();
      await transfers.pause('a');
      await turn();
      assert.equal(state(), 'paused');
      assert.ok(transfers.list()[0]?.resumable);
      assert.equal(transfers.running, 0);
      assert.match(rows.get('a')?.task ?? '', /"paused":true/);
      assert.equal(await transfers.resume('a'), null);
      assert.equal(await running, 7);
      assert.deepEqual(told, ['running', 'paused', 'running', 'done']);
      await turn();
      assert.equal(rows.size, 0);
    });

    it('can be paused and resumed at once, and cancelled while they are paused', async () => {
      const running = run([never, never, never]);
      await turn();
      await Promise.all([transfers.pause('a'), transfers.resume('a')]);
      await turn();
      await transfers.pause('a');
      await turn();
      assert.equal(state(), 'paused');
      transfers.cancel('a');
      await rejects('cancelled', () => running);
      assert.equal(state(), 'cancelled');
      assert.deepEqual([undone, rows.size], [1, 0]);
    });

    it('begin paused when that is how they were kept', async () => {
      await task.setPaused(true);
      const running = run([() => 7]);
      await turn();
      assert.equal(state(), 'paused');
      await transfers.resume('a');
      assert.equal(await running, 7);
    });

    it('wait for peers that went away, and go on when some come', async () => {
      const running = run([fail(alone), fail(alone), () => 7]);
      await turn();
      assert.equal(state(), 'waiting');
      assert.equal(transfers.running, 1);
      peers.fire(undefined);
      await time.pass(400);
      assert.equal(state(), 'waiting');
      await time.pass(5_000);
      assert.equal(await running, 7);
      assert.equal(undone, 0);
    });

    it('fail after a minute without peers, and keep what they have', async () => {
      const running = rejects('not-enough-shards', () =>
        run(Array<() => never>(99).fill(fail(alone))),
      );
      await turn();
      for (let i = 0; i < 20; i++) await time.pass(5_000);
      assert.equal(state(), 'waiting'); // each attempt came farther
      moves = false;
      await time.pass(55_000);
      assert.equal(state(), 'waiting');
      await time.pass(10_000);
      await running;
      assert.equal(state(), 'failed');
      assert.ok(transfers.list()[0]?.resumable);
      assert.deepEqual([undone, rows.size], [0, 1]);
      transfers.clear();
      assert.equal(await transfers.resume('a'), task);
      transfers.cancel('a');
      await turn();
      assert.deepEqual([undone, rows.size], [1, 0]);
    });

    it('fail at once for what will not pass, and leave nothing', async () => {
      await rejects('disk-full', () => run([fail(full)]));
      assert.deepEqual([state(), undone, rows.size], ['failed', 1, 0]);
      const noRoom = new PeerError('too-few-peers', 'Nobody has room.', { cause: full });
      await rejects('too-few-peers', () => run([fail(noRoom)]));
      assert.deepEqual([state(), rows.size], ['failed', 0]);
      await rejects('usage', () => transfers.resume('a'));
      await rejects('not-found', () => transfers.resume('b'));
    });

    it('stay for the next run of the peer when it ends, running, waiting or paused', async () => {
      const waits: (() => Promise<void> | void)[] = [() => undefined, () => transfers.pause('a')];
      for (const before of waits) {
        transfers = new Transfers({ time });
        const running = run([never]);
        await turn();
        await before();
        await turn();
        transfers.suspend();
        await rejects('closed', () => running);
        assert.deepEqual([undone, rows.size], [0, 1]);
      }
      const waiting = run([fail(alone)]);
      await turn();
      transfers.suspend();
      await rejects('closed', () => waiting);
      assert.deepEqual([undone, rows.size], [0, 1]);
    });

    it('are handed over to who asks for the same, when nobody waits for them', async () => {
      const running = rejects('closed', () => run([never]));
      await turn();
      assert.equal(await transfers.handOver(() => false), null);
      assert.equal(await transfers.handOver((one) => one === task), task);
      await running;
      assert.deepEqual([undone, rows.size, transfers.list().length], [0, 1, 0]);
    });

    it('are not written when they are over at once', async () => {
      await transfers.run(start('a'), calm, () => Promise.resolve(1), {
        task,
        isUnattended: false,
        discard: () => Promise.resolve(),
      });
      assert.equal(rows.size, 0);
    });
  });

  it('can be waited for, once cancelled, until they have cleaned up', async () => {
    const { transfers } = watched();
    let clean = false;
    const running = transfers.run(start('a'), calm, async ({ signal }) => {
      await new Promise((resolve) => {
        signal.addEventListener('abort', resolve);
      });
      await new Promise(setImmediate);
      clean = true;
    });
    transfers.suspend();
    await transfers.ended();
    assert.ok(clean);
    await running;
    await transfers.ended();
  });
});
