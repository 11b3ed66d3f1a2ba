import * as vscode from 'vscode';
import type { Disposable } from '../common/disposable.js';
import type { ContextKeys } from './ids.js';
import type { PeerSession } from './peerSession.js';

/** Peers that a group needs before files survive two losses at once. */
export const enoughPeers = 4;

/** Keeps the `when` keys in step with the session. */
export function trackContextKeys(session: PeerSession): Disposable[] {
  const update = (): void => {
    const status = session.status;
    setContext('chunkPartitioner.peerState', session.state);
    setContext('chunkPartitioner.hasGroup', status !== undefined && status.self !== null);
    setContext('chunkPartitioner.fewPeers', hasFewPeers(session));
    setContext('chunkPartitioner.enoughPeers', status?.self != null && !hasFewPeers(session));
    setContext('chunkPartitioner.canInvite', status?.self?.admin === true);
  };
  update();
  return [session.onDidChangeState(update), session.onDidChange(update)];
}

/** True when a group is there, with fewer members online than a file needs to survive two losses. */
export function hasFewPeers(session: PeerSession): boolean {
  const status = session.status;
  return status?.self != null && status.peersOnline + 1 < enoughPeers;
}

/** Sets a `when` key. */
export function setContext<K extends keyof ContextKeys>(key: K, value: ContextKeys[K]): void {
  void vscode.commands.executeCommand('setContext', key, value);
}
