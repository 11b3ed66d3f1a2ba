import * as vscode from 'vscode';
import type { Disposable } from '../common/disposable.js';
import type { Groups } from './groups/groups.js';
import type { ContextKeys } from './ids.js';
import type { PeerSession, SessionState } from './peerSession.js';

/** Peers that a group needs before files survive two losses at once. */
export const enoughPeers = 4;

/** Keeps the `when` keys in step with the sessions. */
export function trackContextKeys(groups: Groups): Disposable[] {
  const update = (): void => {
    const sessions = groups.all.map(({ session }) => session);
    const isIn = ({ status }: PeerSession): boolean => status?.self != null;
    setContext('chunkPartitioner.peerState', stateOfAll(sessions.map(({ state }) => state)));
    setContext(
      'chunkPartitioner.canStart',
      sessions.some(({ state }) => isAtRest(state)),
    );
    setContext('chunkPartitioner.hasGroup', sessions.some(isIn));
    setContext('chunkPartitioner.fewPeers', sessions.some(hasFewPeers));
    setContext(
      'chunkPartitioner.enoughPeers',
      sessions.some((session) => isIn(session) && !hasFewPeers(session)),
    );
    setContext(
      'chunkPartitioner.canInvite',
      sessions.some(({ status }) => status?.self?.admin === true),
    );
  };
  update();
  return [groups.onDidChange(update), groups.each((group) => group.onDidChange(update))];
}

/** One state for all: of a peer that runs, if any does, else of one that is about to, or has failed. */
function stateOfAll(states: readonly SessionState[]): SessionState {
  const telling = ['running', 'starting', 'failed', 'stopped'] as const;
  return telling.find((state) => states.includes(state)) ?? 'idle';
}

function isAtRest(state: SessionState): boolean {
  return state === 'idle' || state === 'stopped' || state === 'failed';
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
