import { removalContract } from './removalContract.js';
import { riskContract } from './riskContract.js';
import { stateContract } from './stateContract.js';
import { shardContract } from './shardContract.js';
import { tombstoneContract } from './tombstoneContract.js';
import { versionContract } from './versionContract.js';
import { rejectsWith } from './support/rejectsWith.js';
import type { Store } from '../../src/store/store.js';

/** How the suites get at an implementation. */
export interface StoreHarness {
  dataDir(): string;
  /** Opens a store, in a new place unless told where; it may be closed by the test and opened again. */
  open(dataDir?: string): Promise<Store>;
}

/** What every implementation of {@link Store} has to do. */
export function storeContract(harness: StoreHarness): void {
  // Each with stores of its own, opened before each of its tests.
  for (const [of, contract] of [
    ['state', stateContract],
    ['tombstones', tombstoneContract],
    ['versions', versionContract],
    ['risk', riskContract],
    ['shards', shardContract],
    ['removal', removalContract],
  ] as const) {
    describe(of, () => {
      contract(harness);
    });
  }
  it('refuses calls once closed, and closes twice', async () => {
    const store = await harness.open();
    await store.close();
    await store.close();
    store.dispose();
    await rejectsWith('closed', () => store.state.lastSeq());
    await rejectsWith('closed', () => store.shards.allHeld());
    await rejectsWith('closed', () => store.shards.readPiece('00'.repeat(16), 0, 0));
  });
}
