import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { DisposableStore } from '../../common/disposable.js';
import type { Logger } from '../../common/logger.js';
import { MemoryPool } from '../../common/memory.js';
import { loadOrCreateIdentity } from '../../net/identity.js';
import { MdnsDiscovery } from '../../net/mdns.js';
import { NetworkWatch } from '../../net/networkWatch.js';
import { TlsTransport } from '../../net/tls.js';
import { Peer, prepareDataDir } from '../../peer/peer.js';
import { layoutOf } from '../../store/layout.js';
import { acquireLock } from '../../store/lock.js';
import { openStore } from '../../store/openStore.js';
import type { Store } from '../../store/store.js';
import { selfTestCrypto } from '../../net/cryptoSelfTest.js';
import { processLimits } from '../limits.js';
import { removeOldRuntimes } from '../runtime.js';

export interface OpenPeerOptions {
  readonly dataDir: string;
  /** Folder that holds `worker.js` and `kernel.wasm`. */
  readonly runtimeDir: string;
  readonly logger: Logger;
  /** It runs until somebody stops it. */
  readonly foreground?: boolean;
  /** False: nothing is announced or looked for on the local network, whatever the settings say. */
  readonly discovery?: boolean;
}

export interface OpenedPeer {
  readonly peer: Peer;
  readonly store: Store;
  /** Closes the peer and gives the data directory free. */
  readonly close: () => Promise<void>;
}

/**
 * Takes the data directory for this process and opens the peer in it; it does not listen or dial yet.
 *
 * @throws {PeerError} `in-use` when another process has it, `unsupported` when crypto is missing
 */
export async function openPeer(options: OpenPeerOptions): Promise<OpenedPeer> {
  const { dataDir, runtimeDir, logger, foreground = false, discovery = true } = options;
  selfTestCrypto();
  prepareDataDir(dataDir);
  const cleanup = new DisposableStore();
  cleanup.add(acquireLock(dataDir));
  try {
    removeOldRuntimes(dataDir, runtimeDir);
  } catch (error) {
    logger.warn('could not remove what earlier versions ran from', error);
  }
  try {
    const identity = await loadOrCreateIdentity(dataDir);
    const wasm = await readFile(path.join(runtimeDir, 'kernel.wasm'));
    const kernel = new WebAssembly.Module(wasm);
    const workerPath = path.join(runtimeDir, 'worker.js');
    const memory = new MemoryPool(processLimits.idleMemory);
    const store = cleanup.add(await openStore({ dataDir, workerPath, kernel, memory }));
    if (store.recovery !== null) {
      const { setAside, shares, skipped } = store.recovery;
      logger.warn('the index was rebuilt from the shards:', shares, 'shares; set aside:', setAside);
      for (const reason of skipped) logger.warn('left out', reason);
    }
    const transport = new TlsTransport(identity, logger);
    const peer = await Peer.open({
      identity,
      store,
      transport,
      runtime: { workerPath, kernel },
      transfersDir: layoutOf(dataDir).transfers,
      logger,
      memory,
      foreground,
      network: new NetworkWatch(),
      ...(discovery && { discovery: new MdnsDiscovery(logger) }),
    });
    return {
      peer,
      store,
      async close() {
        try {
          await peer.close();
        } finally {
          cleanup.dispose();
        }
      },
    };
  } catch (error) {
    cleanup.dispose();
    throw error;
  }
}
