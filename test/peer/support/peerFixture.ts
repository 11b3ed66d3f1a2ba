import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { silentLogger } from '../../../src/common/logger.js';
import { JobThreads, type JobRuntime } from '../../../src/peer/jobs/jobThreads.js';
import { Membership } from '../../../src/peer/membership/membership.js';
import { openStore } from '../../../src/store/openStore.js';
import type { Store } from '../../../src/store/store.js';
import { bundle } from '../../support/bundle.js';
import type { Actor } from './actor.js';
import { startHere } from './startHere.js';

/** The worker of this source tree, stores and folders; `remove` closes and removes them. */
export class PeerFixture {
  readonly root = mkdtempSync(path.join(os.tmpdir(), 'peer-test-'));
  readonly runtime: JobRuntime;
  readonly threads: JobThreads;
  readonly #open: Store[] = [];
  #folders = 0;

  constructor() {
    const kernel = new WebAssembly.Module(new Uint8Array(readFileSync('dist/kernel.wasm')));
    this.runtime = { workerPath: bundle('src/worker.ts'), kernel };
    this.threads = new JobThreads(this.runtime);
  }

  folder(): string {
    return mkdtempSync(path.join(this.root, `${String(this.#folders++)}-`));
  }

  async store(): Promise<Store> {
    const store = await openStore({ dataDir: this.folder(), ...this.runtime }, startHere);
    this.#open.push(store);
    return store;
  }

  async membership(actor: Actor, store?: Store): Promise<Membership> {
    return await Membership.load(actor, (store ?? (await this.store())).state, silentLogger);
  }

  async remove(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((store) => store.close()));
    await this.threads.close();
    rmSync(this.root, { recursive: true, force: true });
  }
}
