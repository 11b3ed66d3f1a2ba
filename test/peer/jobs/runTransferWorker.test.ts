import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { describe, it } from 'mocha';
import type {
  FromWorker,
  GetJobInput,
  JobMessage,
  ToWorker,
} from '../../../src/peer/jobs/messages.js';
import { runTransferWorker } from '../../../src/peer/jobs/runTransferWorker.js';
import { Actor } from '../support/actor.js';
import { MadeFile } from '../support/madeFile.js';

const file = new MadeFile({
  groupId: 'ab'.repeat(32),
  author: new Actor('author'),
  epochKey: new Uint8Array(32),
  size: 20_000,
});

describe('runTransferWorker', () => {
  const kernel = new WebAssembly.Module(readFileSync('dist/kernel.wasm'));
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'transfer-worker-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function inputOf(): GetJobInput {
    const { info, geometry } = file;
    return {
      kind: 'get',
      shareId: file.opened().manifest.shareId,
      geometry,
      contentKey: info.contentKey,
      temporaryPath: path.join(folder, '.got.bin.part'),
      journal: null,
      resume: false,
      path: path.join(folder, 'got.bin'),
      overwrite: false,
      acceptSame: false,
      treeOffset: info.treeOffset,
      treeLength: info.treeLength,
      treeDigest: info.treeDigest,
      folder: null,
    };
  }

  /** Runs the code of the thread here; tells what it posts, and in which turn of the loop. */
  function run(onPost: (message: FromWorker, turn: number) => void): {
    post: (message: ToWorker) => void;
    ended: Promise<void>;
  } {
    const { port1, port2 } = new MessageChannel();
    let turn = 0;
    let ticking: NodeJS.Immediate;
    const tick = (): void => {
      turn += 1;
      ticking = setImmediate(tick);
    };
    ticking = setImmediate(tick);
    port2.postMessage = (message: FromWorker) => {
      onPost(message, turn);
    };
    const ended = new Promise<void>((resolve) => {
      port2.once('close', () => {
        clearImmediate(ticking);
        port1.close();
        resolve();
      });
    });
    runTransferWorker(port2, { role: 'transfer', kernel });
    port1.postMessage({ type: 'job', input: inputOf() } satisfies JobMessage);
    return {
      post: (message) => {
        port1.postMessage(message);
      },
      ended,
    };
  }

  it('lets the disk be heard between any two of the messages that came together', async () => {
    const turns: number[] = [];
    const { post, ended } = run((message, turn) => {
      assert.equal(message.type, 'rejected');
      if (turns.push(turn) === 8) post({ type: 'stop', keep: false });
    });
    const pieces = [0, 1].map((shard) => [shard, new Uint8Array(1024)] as const);
    for (let segment = 0; segment < 8; segment++) post({ type: 'pieces', segment, pieces });
    await ended;
    assert.equal(new Set(turns).size, 8);
    assert.deepEqual(readdirSync(folder), []);
  });

  it('is stopped by the message behind many', async () => {
    let posted = 0;
    const { post, ended } = run(() => {
      posted += 1;
    });
    const pieces = [0, 1].map((shard) => [shard, new Uint8Array(1024)] as const);
    for (let segment = 0; segment < 8; segment++) post({ type: 'pieces', segment, pieces });
    post({ type: 'stop', keep: false });
    await ended;
    assert.ok(posted < 8, 'what waited was thrown away');
    assert.deepEqual(readdirSync(folder), []);
  });
});
