import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { JobThread } from '../../../src/peer/jobs/jobThread.js';
import { JobThreads } from '../../../src/peer/jobs/jobThreads.js';
import type { FromWorker, ShareJobInput } from '../../../src/peer/jobs/messages.js';
import { PeerFixture } from '../support/peerFixture.js';

const small = 20_000;
/** Of more segments than a small one has. */
const large = 10 << 20;

describe('threads of transfers', function () {
  this.timeout(30_000);
  let fixture: PeerFixture;
  let threads: JobThreads;
  before(() => {
    fixture = new PeerFixture();
  });
  beforeEach(() => {
    threads = new JobThreads(fixture.runtime);
  });
  afterEach(() => threads.close());
  after(() => fixture.remove());

  function inputOf(file: string): ShareJobInput {
    return {
      ...{ kind: 'share', path: file, name: 'file', ignore: true, allowSecrets: false, git: null },
      ...{ shareId: new Uint8Array(16), contentKey: new Uint8Array(32), k: 2, m: 2, journal: null },
    };
  }

  function fileOf(bytes: number): string {
    const file = path.join(fixture.folder(), 'file');
    writeFileSync(file, new Uint8Array(bytes));
    return file;
  }

  /** @returns what the thread said last */
  async function share(file: string): Promise<FromWorker['type']> {
    const { promise, resolve } = Promise.withResolvers<FromWorker['type']>();
    const thread = new JobThread(threads, inputOf(file), (message) => {
      if (message.type === 'opened') thread.post({ type: 'more', slot: 0 });
      else if (message.type === 'encoded') thread.post({ type: 'more', slot: message.slot });
      else resolve(message.type);
    });
    const last = await promise;
    await thread.stop();
    return last;
  }

  /** The number of the thread that comes next. */
  function nextId(): number {
    const worker = threads.take();
    threads.give(worker);
    return worker.threadId;
  }

  it('are used again after a transfer that was small', async () => {
    const first = nextId();
    for (let time = 0; time < 3; time++) assert.equal(await share(fileOf(small)), 'shared');
    assert.equal(nextId(), first);
  });

  it('end with one that was large, and with one that failed', async () => {
    const first = nextId();
    assert.equal(await share(fileOf(large)), 'shared');
    const second = nextId();
    assert.notEqual(second, first);
    assert.equal(await share(path.join(fixture.folder(), 'nothing')), 'failed');
    assert.notEqual(nextId(), second);
  });

  it('end with one that is stopped', async () => {
    const first = nextId();
    const thread = new JobThread(threads, inputOf(fileOf(large)), () => undefined);
    await thread.stop();
    assert.notEqual(nextId(), first);
  });

  it('run two at once, each for itself', async () => {
    const files = [fileOf(small), fileOf(small + 1), fileOf(small + 2)];
    assert.deepEqual(await Promise.all(files.map(share)), ['shared', 'shared', 'shared']);
  });

  it('are not kept once all is closed', async () => {
    const [kept, used] = [threads.take(), threads.take()];
    threads.give(kept);
    const ends = [kept, used].map((worker) => once(worker, 'exit'));
    await threads.close();
    threads.give(used);
    await Promise.all(ends);
  });

  it('take nothing over from the transfer before', async () => {
    const [one, two] = [fileOf(small), fileOf(small)];
    writeFileSync(two, readFileSync('package.json').subarray(0, 500));
    const sums = async (file: string): Promise<string> => {
      const { promise, resolve } = Promise.withResolvers<string>();
      const thread = new JobThread(threads, inputOf(file), (message) => {
        if (message.type === 'opened') thread.post({ type: 'more', slot: 0 });
        if (message.type === 'shared') resolve(Buffer.from(message.sha256).toString('hex'));
      });
      // Of the transfer before, as far as the thread knows, when it comes late.
      const sum = await promise;
      thread.post({ type: 'more', slot: 0 });
      await thread.stop();
      return sum;
    };
    const apart = [await sums(one), await sums(two)];
    assert.notEqual(apart[0], apart[1]);
    assert.deepEqual([await sums(one), await sums(two)], apart);
  });
});
