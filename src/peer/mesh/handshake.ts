import type { Link } from '../../net/transport.js';
import type { Connection } from '../../net/connection.js';
import { fromHex, toHex } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import { messageLimits } from '../../protocol/limits.js';
import type { Notification } from '../../protocol/messages.js';
import { meshLimits } from '../limits.js';
import type { Membership } from '../membership/membership.js';

/** Range of protocol versions of this code. */
export const protocolVersions = { min: 1, max: 1 } as const;

/** What a peer says of itself when it greets. */
export interface Greeting {
  readonly addresses: readonly string[];
  readonly stays: boolean;
}

export interface Introduction extends Greeting {
  readonly versions: readonly [number, number];
  readonly group: Uint8Array;
  readonly chain: readonly Uint8Array[];
}

/** The one answer to everybody who does not belong: it says nothing else. */
export function refusal(): PeerError {
  return new PeerError('not-trusted', 'Refused.');
}

/** Whether somebody is no member, or this peer is none. */
export function isStranger(membership: Membership, nodeId: string): boolean {
  return (
    membership.member(membership.nodeId) === undefined || membership.member(nodeId) === undefined
  );
}

export type Farewell = Extract<Notification, { t: 'removed' }>;

/** What somebody who was a member is told. Undefined for all others. */
export function farewell(membership: Membership, nodeId: string): Farewell | undefined {
  const records = membership.dismissalOf(nodeId).slice(-messageLimits.chain);
  return records.length === 0 ? undefined : { t: 'removed', records };
}

/**
 * Dialer's side. The link's key was compared already; nothing was written before.
 *
 * @throws {PeerError} `not-trusted` when the other side refuses, or proves no membership; or proves that this peer is
 * no member any more.
 */
export async function introduce(
  connection: Connection,
  membership: Membership,
  own: Greeting,
  signal: AbortSignal,
): Promise<Greeting> {
  const { message } = await connection.request(
    {
      t: 'hello',
      versions: [protocolVersions.min, protocolVersions.max],
      group: fromHex(membership.groupId),
      chain: membership.ownChain(),
      addresses: [...own.addresses],
      stays: own.stays,
    },
    { timeoutMs: meshLimits.helloMs, signal },
  );
  if (message.t === 'removed') {
    await membership.merge(message.records);
    throw membership.dismissal ?? refusal();
  }
  if (message.version < protocolVersions.min || message.version > protocolVersions.max) {
    throw new PeerError('unsupported', 'The peer speaks another version of the protocol.');
  }
  if (!(await membership.admitByChain(connection.nodeId, message.chain))) throw refusal();
  connection.admit();
  return { addresses: message.addresses, stays: message.stays };
}

/**
 * Listener's side: merges the chain, then decides.
 *
 * @throws {PeerError} `not-trusted`, the same for a foreign group and for a stranger; `unsupported`
 */
export async function decide(
  link: Pick<Link, 'nodeId'>,
  hello: Introduction,
  membership: Membership,
): Promise<number> {
  if (!membership.hasGroup || toHex(hello.group) !== membership.groupId) throw refusal();
  if (membership.dismissal !== null) throw refusal();
  if (!(await membership.admitByChain(link.nodeId, hello.chain))) throw refusal();
  const version = Math.min(hello.versions[1], protocolVersions.max);
  if (version < Math.max(hello.versions[0], protocolVersions.min)) {
    throw new PeerError('unsupported', 'There is no common version of the protocol.');
  }
  return version;
}
