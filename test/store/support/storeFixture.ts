import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openStore } from '../../../src/store/openStore.js';
import type { OpenStoreOptions, Store } from '../../../src/store/store.js';
import { bundle } from '../../support/bundle.js';

/** Stores for the tests of the `describe` that it is called in, gone after them. */
export function storeFixture(): StoreFixture {
  const fixture = new StoreFixture();
  after(() => fixture.remove());
  return fixture;
}

/** The worker of this source tree, and data directories. */
export class StoreFixture {
  readonly kernelPath = path.resolve('dist/kernel.wasm');
  readonly #open = new Set<Store>();
  #root: string | undefined;
  #directories = 0;

  get workerPath(): string {
    return bundle('src/worker.ts');
  }

  dataDir(): string {
    this.#root ??= mkdtempSync(path.join(os.tmpdir(), 'store-test-'));
    return path.join(this.#root, `data-${String(this.#directories++)}`);
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

  /** Ends what a test left open, and removes everything. */
  async remove(): Promise<void> {
    for (const store of this.#open) await store.close();
    this.#open.clear();
    if (this.#root !== undefined) rmSync(this.#root, { recursive: true, force: true });
  }
}
