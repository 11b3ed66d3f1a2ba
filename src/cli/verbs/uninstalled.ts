import { PeerError } from '../../common/errors.js';
import type { Verb } from '../verb.js';

/**
 * What the editor runs once the extension is gone (`vscode:uninstall` in package.json): a peer that was started in the
 * background keeps no promise of the editor's settings any more, and ends with its last client. One that somebody runs in
 * a terminal goes on. Starts nothing.
 */
export const uninstalledVerb: Verb = {
  syntax: 'uninstalled',
  summary: 'let the peer that the editor started end',
  hidden: true,
  async run({ deps, dataDir, output }) {
    const { runtimeDir, signal } = deps;
    try {
      const client = await deps.attach({ dataDir, runtimeDir, start: false, signal });
      try {
        await client.request('configure', { stays: false }, signal);
      } finally {
        client.dispose();
      }
    } catch (error) {
      if (!PeerError.is(error, 'closed')) throw error;
    }
    output.result({ stays: false }, []);
    return 0;
  },
};
