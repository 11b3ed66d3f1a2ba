import { PeerError } from '../../common/errors.js';
import type { Logger } from '../../common/logger.js';

/**
 * Rows of a tree that are read from the peer. When that fails the tree is empty and the log says why: the state
 * of the session tells the user, and an editor's own error message would only repeat it.
 */
export async function childrenOf<T>(log: Logger, load: () => Promise<T[]>): Promise<T[]> {
  try {
    return await load();
  } catch (error) {
    log.debug(`A view could not be read: ${PeerError.from(error).message}`);
    return [];
  }
}
