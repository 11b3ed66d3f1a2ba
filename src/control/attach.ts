import type { AttachOptions, ControlClient } from './contract.js';

/**
 * Attaches to the peer process of a data directory; starts one when none runs and `start` is set.
 *
 * @throws {PeerError} `closed` when none runs and none may be started, `not-trusted` when the process at the
 * socket cannot prove the secret of the data directory, `unsupported` when it speaks no common version.
 */
export function attach(_options: AttachOptions): Promise<ControlClient> {
  return Promise.reject(new Error('being built'));
}
