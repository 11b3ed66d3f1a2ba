import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { buildSync } from 'esbuild';
import { openStore } from '../../../src/store/openStore.js';
import type { OpenStoreOptions, Store } from '../../../src/store/store.js';

const entry = `
  import { parentPort, workerData } from 'node:worker_threads';
  import { runStoreWorker } from './src/store/worker.js';
  runStoreWorker(workerData.role, parentPort, workerData);
`;

/** A worker with nothing but the store in it, and data directories; all removed by `remove`. */
export class StoreFixture {
  readonly root = mkdtempSync(path.join(os.tmpdir(), 'store-test-'));
  readonly workerPath = path.join(this.root, 'worker.cjs');
  readonly kernelPath = path.resolve('dist/kernel.wasm');
  readonly #open = new Set<Store>();
  #directories = 0;

  constructor() {
    buildSync({
      stdin: { contents: entry, resolveDir: path.resolve('.'), loader: 'ts' },
      bundle: true,
      platform: 'node',
      format: 'cjs',
      outfile: this.workerPath,
      logLevel: 'error',
    });
  }

  dataDir(): string {
    return path.join(this.root, `data-${String(this.#directories++)}`);
  }

  options(dataDir: string): OpenStoreOptions {
    const kernel = new WebAssembly.Module(new Uint8Array(readFileSync(this.kernelPath)));
    return { dataDir, workerPath: this.workerPath, kernel };
  }

  async open(dataDir = this.dataDir()): Promise<Store> {
    const store = await openStore(this.options(dataDir));
    this.#open.add(store);
    return store;
  }

  /** Ends what a test left open. */
  async closeAll(): Promise<void> {
    for (const store of this.#open) await store.close();
    this.#open.clear();
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
