import { PeerError } from '../../common/errors.js';
import { parseNodeId } from '../../net/nodeIdText.js';
import type { PeerInfo } from '../contract.js';

/**
 * The member that a user means: by its name, by its node id in either form, or by the start of one (hex).
 *
 * @throws {PeerError} `not-found`, `ambiguous`
 */
export function findPeer(peers: readonly PeerInfo[], text: string): PeerInfo {
  const known = peers.filter(({ nodeId }) => nodeId !== '');
  const byId = /^[0-9a-f]{6,64}$/.test(text)
    ? known.filter(({ nodeId }) => nodeId.startsWith(text))
    : known.filter(({ nodeId }) => nodeId === readId(text));
  const byName = known.filter(({ name }) => name === text);
  // Who was removed is meant only where nobody else is.
  const named = byName.some(({ state }) => state !== 'removed')
    ? byName.filter(({ state }) => state !== 'removed')
    : byName;
  const found = byId.length > 0 ? byId : named;
  const [first] = found;
  if (first === undefined) {
    throw new PeerError('not-found', `Nobody is called “${text}”.`, {
      hint: 'See who there is with “chunk-partitioner peers”.',
    });
  }
  if (found.length === 1) return first;
  const ids = found.map(({ nodeId }) => nodeId.slice(0, 16));
  throw new PeerError('ambiguous', `“${text}” are ${String(found.length)}: ${ids.join(', ')}.`, {
    hint: 'Name one by its id.',
  });
}

function readId(text: string): string | null {
  try {
    return parseNodeId(text);
  } catch {
    return null; // then it is a name
  }
}
