import { randomBytes } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { DisposableStore, toDisposable, type Disposable } from '../../common/disposable.js';
import type { Time } from '../../common/time.js';
import { formatAddress, parseAddress } from '../../net/address.js';
import type { Discovery, Presence, Sighting } from '../../net/discovery.js';
import { discoveryLimits } from '../../protocol/limits.js';
import { nearbyTag } from '../../protocol/nearbyTag.js';
import { meshLimits } from '../limits.js';
import type { Membership } from '../membership/membership.js';

export interface NearbyOptions {
  readonly discovery: Discovery;
  readonly membership: Membership;
  /** What the user decided. */
  readonly isWanted: () => boolean;
  /** `host:port` as bound; empty while nothing is. */
  readonly listening: () => string;
  readonly isOnline: (nodeId: string) => boolean;
  /** A member that is not connected was heard there. */
  readonly onHint: (nodeId: string, address: string) => void;
  readonly time: Time;
}

/**
 * Finds members on the local network: announces this peer so that only members know it, and recognises them. Off
 * without a group, and where nobody but this machine could reach it.
 */
export class Nearby implements Disposable {
  #running = new DisposableStore();
  /** What is announced now: group, host and port. */
  #announced = '';
  #firstAnswers = Promise.resolve();
  #disposed = false;

  constructor(private readonly options: NearbyOptions) {}

  /** Starts, stops or announces something else, as group, settings and listener want it now. */
  refresh(): void {
    if (this.#disposed) return;
    const { membership, isWanted, listening } = this.options;
    const at = membership.hasGroup && isWanted() ? reachable(listening()) : undefined;
    const announced =
      at === undefined ? '' : `${membership.groupId} ${String(at.host)} ${String(at.port)}`;
    if (announced === this.#announced) return;
    this.#running.dispose();
    this.#running = new DisposableStore();
    this.#announced = announced;
    if (at !== undefined) this.#start(at);
  }

  /** Begins anew, under another name: the network is another one. */
  restart(): void {
    this.#announced = '';
    this.#running.dispose();
    this.refresh();
  }

  /** Resolves when those who are there should have answered. */
  answered(): Promise<void> {
    return this.#firstAnswers;
  }

  dispose(): void {
    this.#disposed = true;
    this.#running.dispose();
  }

  #start({ host, port }: { readonly host: string | undefined; readonly port: number }): void {
    const { discovery, membership, time } = this.options;
    const { groupId, nodeId } = membership;
    const instance = randomBytes(8).toString('hex');
    const presence: Presence = {
      instance,
      tag: nearbyTag({ groupId, nodeId, instance, port }),
      port,
      ...(host !== undefined && { host }),
    };
    const running = this.#running;
    running.add(
      discovery.start(presence, (sighting) => {
        this.#recognise(sighting);
      }),
    );
    running.add(
      time.after(discoveryLimits.renameMs, () => {
        this.restart();
      }),
    );
    this.#firstAnswers = new Promise((resolve) => {
      running.add(time.after(meshLimits.firstAnswersMs, resolve));
      running.add(toDisposable(resolve)); // nobody waits for what was given up
    });
  }

  /** Members that are connected need no hint; an announcement of nobody else means nothing. */
  #recognise({ tag, host, ...announced }: Sighting): void {
    const { membership, isOnline, onHint } = this.options;
    const { groupId } = membership;
    for (const nodeId of membership.roster.members.keys()) {
      if (nodeId === membership.nodeId || isOnline(nodeId)) continue;
      if (nearbyTag({ groupId, nodeId, ...announced }) !== tag) continue;
      onHint(nodeId, formatAddress(host, announced.port));
      return;
    }
  }
}

/** Where others on an IPv4 network could reach a listener; undefined when they cannot. */
function reachable(listening: string): { host: string | undefined; port: number } | undefined {
  if (listening === '') return undefined;
  const { host, port } = parseAddress(listening);
  if (host === '0.0.0.0' || host === '::') return { host: undefined, port };
  return isIPv4(host) && !host.startsWith('127.') ? { host, port } : undefined;
}
