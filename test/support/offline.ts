import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { silentLogger } from '../../src/common/logger.js';
import { loadIdentity } from '../../src/net/identity.js';
import { Membership } from '../../src/peer/membership/membership.js';
import { openStore } from '../../src/store/openStore.js';
import { repository } from './cliProcess.js';
import type { TestPeer } from './peers.js';

/** What a peer that does not run knows of its group. */
export async function offline<T>(
  { dataDir }: Pick<TestPeer, 'dataDir'>,
  use: (membership: Membership) => T,
): Promise<T> {
  const kernel = new WebAssembly.Module(readFileSync(join(repository, 'dist/kernel.wasm')));
  const workerPath = join(repository, 'dist/worker.js');
  const store = await openStore({ dataDir, workerPath, kernel });
  try {
    const identity = await loadIdentity(dataDir);
    return use(await Membership.load(identity, store.state, silentLogger));
  } finally {
    await store.close();
  }
}
