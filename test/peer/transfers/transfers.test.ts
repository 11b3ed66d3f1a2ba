import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { describe, it } from 'mocha';
import { PeerError } from '../../../src/common/errors.js';
import { Transfers, type Transfer } from '../../../src/peer/transfers/transfers.js';
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
    transfers.cancelAll();
    await transfers.ended();
    assert.ok(clean);
    await running;
    await transfers.ended();
  });
});
