import path from 'node:path';
import { attach } from '../../../src/control/attach.js';
import { PeerError } from '../../../src/common/errors.js';
import { repoRoot } from './hostPaths.js';

const deadline = 15_000;

/** Ends the background peer of a data directory that an editor started, if it still runs, and waits for its end. */
export async function stopPeer(dataDir: string): Promise<void> {
  try {
    const runtimeDir = path.join(repoRoot, 'dist');
    const client = await attach({ dataDir, runtimeDir, start: false });
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, deadline);
      client.onClose(() => {
        clearTimeout(timer);
        resolve();
      });
      client.request('shutdown', null).catch(reject);
    });
    client.dispose();
  } catch (error) {
    if (!PeerError.is(error, 'closed', 'unreachable')) throw error;
  }
}
