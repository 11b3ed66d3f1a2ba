import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openStore } from '../../../src/store/openStore.js';
import type { OpenStoreOptions, Store } from '../../../src/store/store.js';
import { bundle } from '../../support/bundle.js';

/** The worker of this source tree, and data directories, which `remove` removes. */
export class StoreFixture {
  readonly root = mkdtempSync(path.join(os.tmpdir(), 'store-test-'));
  readonly workerPath = bundle('src/worker.ts');
  readonly kernelPath = path.resolve('dist/kernel.wasm');
  readonly #open = new Set<Store>();
  #directories = 0;

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
