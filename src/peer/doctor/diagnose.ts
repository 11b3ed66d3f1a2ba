import { isIP } from 'node:net';
import { formatAddress, parseAddress } from '../../net/address.js';
import { ownAddresses } from '../../net/ownAddresses.js';
import { dialOutcome } from '../../net/dialOutcome.js';
import { PeerError } from '../../common/errors.js';
import type { DialOutcome } from '../../protocol/messages/dialBack.js';
import { dialBackLimits, meshLimits } from '../limits.js';
import type { Membership } from '../membership/membership.js';
import type { AddressBook } from '../mesh/addressBook.js';
import type { Mesh, OnlinePeer } from '../mesh/mesh.js';
import { Slots } from '../serve/slots.js';
import { ipOf, isLoopback } from './hosts.js';

/** What came of one address, as this peer or the other side dialled it. */
export interface DialledAddress {
  readonly address: string;
  /** The two that only a greeting tells beside those of a dial. */
  readonly outcome: DialOutcome | 'other-version' | 'not-let-in' | 'in-use';
  readonly ms: number;
}

export interface Reachability {
  /** Empty where nobody was met yet. */
  readonly nodeId: string;
  readonly latencyMs: number | null;
  /** Whether it is connected when everything was tried. */
  readonly connected: boolean;
  /** How this peer reaches it. Of one that is connected, only what was tried. */
  readonly there: readonly DialledAddress[];
  /** How it reaches this peer; null where it could not be asked. */
  readonly back: readonly DialledAddress[] | null;
  /** How far its clock is ahead of the one here, milliseconds; null when it is not known. */
  readonly skewMs: number | null;
}

export interface ReachabilityReport {
  readonly listening: string;
  /** Only this machine itself can reach the listener. */
  readonly loopbackOnly: boolean;
  /** Whether this machine is on any network. */
  readonly hasNetwork: boolean;
  readonly peers: readonly Reachability[];
}

export interface DoctorDependencies {
  readonly mesh: Mesh;
  readonly membership: Membership;
  readonly addressBook: AddressBook;
}

/** Lets a dial run in its turn. */
type InTurn = <T>(dial: () => Promise<T>) => Promise<T>;

/**
 * Tries everybody who belongs to the group, at each address, and has those that are there dial back. Who was away and is
 * reached stays connected.
 */
export async function diagnose(
  deps: DoctorDependencies,
  signal: AbortSignal,
): Promise<ReachabilityReport> {
  const { mesh, membership } = deps;
  const others = membership.hasGroup
    ? [...membership.roster.members.keys()].filter((nodeId) => nodeId !== membership.nodeId)
    : [];
  const unmet = membership.hasGroup ? mesh.attempts.unmet() : [];
  const slots = new Slots(meshLimits.dials);
  const inTurn: InTurn = (dial) => slots.use(dial, signal);
  const peers = await Promise.all([
    ...others.map((nodeId) => reach(deps, nodeId, inTurn, signal)),
    ...unmet.map(async (address): Promise<Reachability> => {
      const there = [await inTurn(() => greet(mesh, address, undefined, signal))];
      return { ...nobody, there };
    }),
  ]);
  return {
    listening: mesh.listening,
    loopbackOnly: isLoopback(ipOf(mesh.listening) ?? ''),
    hasNetwork: ownAddresses().some(({ internal }) => !internal),
    peers,
  };
}

const nobody: Reachability = {
  nodeId: '',
  latencyMs: null,
  connected: false,
  there: [],
  back: null,
  skewMs: null,
};

async function reach(
  { mesh, addressBook }: DoctorDependencies,
  nodeId: string,
  inTurn: InTurn,
  signal: AbortSignal,
): Promise<Reachability> {
  const own = new Set(mesh.addresses);
  const addresses = (addressBook.get(nodeId)?.addresses ?? []).filter((one) => !own.has(one));
  const isAway = mesh.get(nodeId) === undefined;
  const there = await Promise.all(
    addresses.map((address) =>
      inTurn(() => (isAway ? greet : probe)(mesh, address, nodeId, signal)),
    ),
  );
  const online = mesh.get(nodeId);
  const back = online === undefined ? null : await askBack(mesh, online, signal);
  return {
    nodeId,
    there,
    connected: online !== undefined,
    latencyMs: online?.latencyMs ?? null,
    back: back?.results ?? null,
    skewMs: back?.skewMs ?? null,
  };
}

/** Dials and introduces this peer: what keeps it from being let in shows only then. */
async function greet(
  mesh: Mesh,
  address: string,
  nodeId: string | undefined,
  signal: AbortSignal,
): Promise<DialledAddress> {
  const started = performance.now();
  const ms = (): number => Math.round(performance.now() - started);
  try {
    await mesh.attempt(address, nodeId, signal);
    return { address, outcome: 'reached', ms: ms() };
  } catch (error) {
    const { code, details } = PeerError.from(error);
    if (code === 'unsupported') return { address, outcome: 'other-version', ms: ms() };
    if (code === 'in-use') return { address, outcome: 'in-use', ms: ms() };
    // A stranger is named by its key; without one, it was the member that refused.
    if (code === 'not-trusted' && details === undefined) {
      return { address, outcome: 'not-let-in', ms: ms() };
    }
    return { address, outcome: dialOutcome(error), ms: ms() };
  }
}

async function probe(
  mesh: Mesh,
  address: string,
  nodeId: string,
  signal: AbortSignal,
): Promise<DialledAddress> {
  const started = performance.now();
  const outcome = await mesh.probe(address, nodeId, signal);
  return { address, outcome, ms: Math.round(performance.now() - started) };
}

/** Undefined where the other side does not know the question, or has no time for it. */
async function askBack(
  mesh: Mesh,
  { connection }: OnlinePeer,
  signal: AbortSignal,
): Promise<{ results: readonly DialledAddress[]; skewMs: number } | undefined> {
  const isNear = isLoopback(connection.remoteAddress);
  const addresses = mesh.addresses.filter((own) => isNear || !isLoopback(ipOf(own) ?? ''));
  const asked = Date.now();
  try {
    const { message } = await connection.request(
      { t: 'dialBack', addresses },
      { timeoutMs: dialBackLimits.answerMs, signal },
    );
    const seenAt = atObserved(message.observed, addresses);
    // It may say anything.
    const results = message.results
      .filter(({ address }) => addresses.includes(address) || address === seenAt)
      .filter(({ outcome }) => outcome !== 'not-tried')
      .map((result) => ({ ...result, ms: Math.min(result.ms, dialBackLimits.answerMs) }));
    // Half of the way is behind it when the other clock is read; the dials lie before that, too.
    const dials = Math.max(0, ...results.map(({ ms }) => ms));
    const middle = asked + dials + Math.max(0, Date.now() - asked - dials) / 2;
    return { results, skewMs: Math.round(message.now - middle) };
  } catch {
    return undefined;
  }
}

/** What the other side adds to what it was asked for: the host that it sees this peer at, with the port of the listener. */
function atObserved(host: string, [own]: readonly string[]): string | undefined {
  return own === undefined || isIP(host) === 0
    ? undefined
    : formatAddress(host, parseAddress(own).port);
}
