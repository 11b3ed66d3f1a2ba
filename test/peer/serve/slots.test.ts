import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Slots } from '../../../src/peer/serve/slots.js';
import { rejects } from '../support/rejects.js';

describe('Slots', () => {
  it('lets so many run at once, the others in order, also after failures', async () => {
    const slots = new Slots(2);
    const started: number[] = [];
    const ends: ((ok: boolean) => void)[] = [];
    const runs = [0, 1, 2, 3].map((index) =>
      slots
        .use(async () => {
          started.push(index);
          const ok = await new Promise<boolean>((resolve) => ends.push(resolve));
          if (!ok) throw new Error('failed');
        })
        .catch(() => undefined),
    );
    await new Promise(setImmediate);
    assert.deepEqual(started, [0, 1]);
    ends[1]?.(false);
    await runs[1];
    await new Promise(setImmediate);
    assert.deepEqual(started, [0, 1, 2]);
    ends[0]?.(true);
    await runs[0];
    ends[2]?.(true);
    await new Promise(setImmediate);
    ends[3]?.(true);
    await Promise.all(runs);
    assert.deepEqual(started, [0, 1, 2, 3]);
    await slots.use(() => Promise.resolve());
  });

  it('lets those leave the queue who are cancelled, and nobody loses the turn by it', async () => {
    const slots = new Slots(1);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const first = slots.use(() => promise);
    const leaving = new AbortController();
    let ran = 0;
    const waiting = slots.use(() => Promise.resolve(ran++), leaving.signal);
    const last = slots.use(() => Promise.resolve(ran++));
    leaving.abort();
    await rejects('cancelled', () => waiting);
    await rejects('cancelled', () => slots.use(() => Promise.resolve(ran++), leaving.signal));
    resolve(undefined);
    await Promise.all([first, last]);
    assert.equal(ran, 1);
  });
});
