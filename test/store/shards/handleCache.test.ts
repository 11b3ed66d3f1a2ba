import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { HandleCache } from '../../../src/store/shards/handleCache.js';
import { encodePrologue } from '../../../src/store/shards/prologue.js';
import { rejectsWith } from '../support/rejectsWith.js';

describe('cache of open shard files', () => {
  let directory: string;
  const file = (number: number): string => path.join(directory, String(number));
  before(() => {
    directory = mkdtempSync(path.join(os.tmpdir(), 'store-handles-'));
    const prologue = encodePrologue({
      shareId: '00'.repeat(16),
      authorId: '00'.repeat(32),
      shard: 0,
      geometry: { k: 1, m: 1, q: 1, segments: 1, lastQ: 1 },
    });
    for (let i = 0; i < 10; i++) writeFileSync(file(i), prologue);
    writeFileSync(file(10), 'no prologue'.repeat(50));
  });
  after(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  it('keeps a bounded number of idle files open', async () => {
    const cache = new HandleCache(3);
    const fds = new Set<number>();
    for (let i = 0; i < 10; i++) {
      await cache.use(file(i), ({ handle }) => Promise.resolve(fds.add(handle.fd)));
    }
    assert.equal(cache.size, 3);
    const again = await cache.use(file(9), ({ handle }) => Promise.resolve(handle.fd));
    assert.ok(fds.has(again));
    await cache.close();
    assert.equal(cache.size, 0);
  });

  it('opens a file once for all who read it at the same time, and never closes it under them', async () => {
    const cache = new HandleCache(0);
    const used = await Promise.all(
      [1, 2, 3].map(() => cache.use(file(0), ({ handle }) => Promise.resolve(handle))),
    );
    assert.equal(new Set(used).size, 1);
    const begun = Promise.withResolvers<undefined>();
    const finish = Promise.withResolvers<undefined>();
    const reading = cache.use(file(1), async ({ handle }) => {
      begun.resolve(undefined);
      await finish.promise;
      return (await handle.stat()).size;
    });
    await begun.promise;
    await cache.use(file(2), () => Promise.resolve());
    const closed = cache.close();
    finish.resolve(undefined);
    assert.equal(await reading, 512);
    await closed;
    assert.equal(cache.size, 0);
    await rejectsWith('closed', () => cache.use(file(1), () => Promise.resolve()));
  });

  it('forgets files that are damaged or missing', async () => {
    const cache = new HandleCache(3);
    await rejectsWith('integrity', () => cache.use(file(10), () => Promise.resolve()));
    await rejectsWith('not-found', () => cache.use(file(11), () => Promise.resolve()));
    assert.equal(cache.size, 0);
    await cache.close();
  });
});
