import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { layoutOf } from '../../../src/store/layout.js';
import { openDatabase } from '../../../src/store/state/openDatabase.js';
import { Reserve } from '../../../src/store/state/reserve.js';
import { BatchRunner } from '../../../src/store/state/stateWorker.js';
import type { Reply } from '../../../src/store/rpc.js';
import { made } from '../stateContract.js';
import { tombstoneOf } from '../tombstoneContract.js';

describe('a full disk', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = path.join(mkdtempSync(path.join(os.tmpdir(), 'reserve-test-')), 'data');
    mkdirSync(dataDir);
  });
  afterEach(() => {
    rmSync(path.dirname(dataDir), { recursive: true, force: true });
  });

  it('takes tombstones out of the reserve, and nothing else', () => {
    const { database, recovery } = openDatabase(dataDir);
    const run: string[] = [];
    /** Pages are the room on the disk: none more, until the reserve gives some. */
    const limit = (pages: number): void => {
      database.exec(`PRAGMA max_page_count = ${String(pages)}`);
    };
    let reserve = true;
    const runner = new BatchRunner(
      database,
      recovery,
      {
        give: () => {
          run.push('give');
          if (!reserve) return false;
          reserve = false;
          limit(100_000);
          return true;
        },
        fill: () => run.push('fill'),
      },
      () => undefined,
    );
    let id = 0;
    const call = (method: string, ...args: unknown[]) => ({ id: (id += 1), method, args });
    const codes = (replies: readonly Reply[]): (string | undefined)[] =>
      replies.map((reply) => ('error' in reply ? reply.error.code : undefined));
    const one = made(1);
    assert.deepEqual(codes(runner.run([call('take', [one.fact])])), [undefined]);
    limit(Number(database.prepare('PRAGMA page_count').get()?.['page_count']));
    const large = 'x'.repeat(100_000);
    // Many, so that they do not fit in what is free of the pages that are there.
    const tombstones = Array.from({ length: 300 }, (_, number) =>
      tombstoneOf(made(number).shareId),
    );
    const shares = Array.from({ length: 100 }, (_, number) => made(number).fact);
    assert.deepEqual(codes(runner.run([call('setSetting', 'a', large)])), ['disk-full']);
    assert.deepEqual(codes(runner.run([call('take', shares)])), ['disk-full']);
    assert.deepEqual(run, []);
    const outcome = runner.run([
      call('setSetting', 'b', large),
      call('take', [...tombstones, tombstoneOf(one.shareId)]),
    ]);
    assert.deepEqual(codes(outcome), ['disk-full', undefined]);
    assert.deepEqual(run, ['give', 'fill']);
    assert.deepEqual(codes(runner.run([call('getShare', one.shareId), call('getSetting', 'b')])), [
      undefined,
      undefined,
    ]);
    const [deleted] = runner.run([call('getShare', one.shareId)]);
    assert.ok(deleted !== undefined && 'value' in deleted && deleted.value === null);

    // Given up once: then it is full.
    limit(Number(database.prepare('PRAGMA page_count').get()?.['page_count']));
    const more = Array.from({ length: 300 }, (_, number) => tombstoneOf(made(number).shareId));
    assert.deepEqual(codes(runner.run([call('take', more)])), ['disk-full']);
    assert.deepEqual(run, ['give', 'fill', 'give']);
    database.close();
    recovery.close();
  });

  it('is what a reserve on the disk is for', () => {
    const file = layoutOf(dataDir).reserve;
    const reserve = new Reserve(file);
    const { size, blocks } = statSync(file);
    assert.equal(size, 4 << 20);
    assert.ok(blocks * 512 >= size || process.platform === 'win32', 'it has no holes');
    assert.equal(reserve.give(), true);
    assert.ok(!existsSync(file));
    assert.equal(reserve.give(), false);
    reserve.fill();
    assert.equal(statSync(file).size, size);
    // One that lies where nothing can be written keeps nobody from starting.
    new Reserve(path.join(dataDir, 'missing', 'reserve')).fill();
  });
});
