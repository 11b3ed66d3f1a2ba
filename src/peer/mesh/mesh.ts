import type { Disposable } from '../../common/disposable.js';
import { PeerError } from '../../common/errors.js';
import { Emitter } from '../../common/events.js';
import type { Logger } from '../../common/logger.js';
import type { Memory } from '../../common/memory.js';
import { systemTime, type Time } from '../../common/time.js';
import { Connection, type RequestHandler } from '../../net/connection.js';
import { dialOutcome } from '../../net/dialOutcome.js';
import type { Link, Transport } from '../../net/transport.js';
import type { DialOutcome } from '../../protocol/messages/dialBack.js';
import { meshLimits } from '../limits.js';
import type { Membership } from '../membership/membership.js';
import type { AddressBook } from './addressBook.js';
import { Admission } from './admission.js';
import { Dialer } from './dialer.js';
import { farewell, introduce, isStranger, refusal, type Greeting } from './handshake.js';
import { Listening } from './listening.js';

export interface MeshOptions {
  readonly transport: Transport;
  readonly membership: Membership;
  readonly addressBook: AddressBook;
  readonly logger: Logger;
  /** Answers everything that members ask after admission, and `redeem` before. */
  readonly handler: RequestHandler;
  readonly stays: () => boolean;
  /** Configured `host:port` addresses. */
  readonly configured: () => readonly string[];
  /** Where bodies of messages are collected. */
  readonly memory?: Memory;
  readonly time?: Time;
  /** From 0 up to 1. */
  readonly random?: () => number;
}

/** A member that is connected now. */
export interface OnlinePeer {
  readonly nodeId: string;
  readonly connection: Connection;
  readonly address: string;
  readonly latencyMs: number | null;
}

interface Entry extends OnlinePeer {
  address: string;
  /** Node id of the side that dialled: decides which of two simultaneous connections stays. */
  readonly dialledBy: string;
  readonly since: number;
  latencyMs: number | null;
}

/** The connections of this peer: one to each member that can be reached, whoever dialled. */
export class Mesh implements Disposable {
  readonly #online = new Map<string, Entry>();
  readonly #pending = new Set<Connection>();
  /** Members to whom this side is introducing itself. */
  readonly #introducing = new Set<string>();
  readonly #connected = new Emitter<OnlinePeer>();
  readonly #disconnected = new Emitter<string>();
  readonly #changed = new Emitter<void>();
  readonly #news = new Emitter<OnlinePeer>();
  /** A member says that it has learned something. */
  readonly onNews = this.#news.event;
  readonly onDidConnect = this.#connected.event;
  readonly onDidDisconnect = this.#disconnected.event;
  readonly onDidChange = this.#changed.event;
  readonly #admission: Admission;
  readonly #dialer: Dialer;
  readonly #listening: Listening;
  readonly #roster: Disposable;
  readonly #time: Time;
  #disposed = false;

  constructor(private readonly options: MeshOptions) {
    this.#time = options.time ?? systemTime;
    this.#admission = new Admission({
      ...{ membership: options.membership, logger: options.logger, time: this.#time },
      greeting: () => this.#greeting(),
      online: (nodeId) => this.#online.get(nodeId),
    });
    this.#listening = new Listening(options.transport, (link, admitted) => {
      this.#accept(link, admitted);
    });
    this.#dialer = new Dialer({
      membership: options.membership,
      addressBook: options.addressBook,
      configured: options.configured,
      isOnline: (nodeId) => this.#online.has(nodeId),
      own: () => this.addresses,
      dial: (address, nodeId, signal) => this.#dial(address, nodeId, signal),
      onMisled: (nodeId, address, owner) => {
        const { addressBook, membership, logger } = options;
        const isOther = owner !== undefined && owner !== membership.nodeId;
        const member = isOther ? membership.member(owner)?.nodeId : undefined;
        addressBook.correct(nodeId, address, member).catch((error: unknown) => {
          if (!this.#disposed) logger.warn('an address was not kept', PeerError.from(error).code);
        });
      },
      onDidChange: () => {
        this.#changed.fire();
      },
      time: this.#time,
      random: options.random ?? Math.random,
    });
    this.#roster = options.membership.onDidChange(() => {
      this.#showOut();
    });
  }

  /** Starts to listen. @throws PeerError `in-use` when the port is taken, `usage` for a bad address. */
  start(listen: string): Promise<string> {
    return this.#listening.start(listen);
  }

  /** Listens elsewhere from now on, or where it did when that fails; connections stay. @throws PeerError as `start` */
  move(listen: string): Promise<string> {
    return this.#listening.move(listen);
  }

  /** Dials members and configured addresses from now on. */
  startDialling(): void {
    this.#dialer.start();
  }

  get listening(): string {
    return this.#listening.address;
  }

  /** Addresses that others are told. */
  get addresses(): readonly string[] {
    return this.#listening.addresses;
  }

  online(): readonly OnlinePeer[] {
    return [...this.#online.values()];
  }

  get(nodeId: string): OnlinePeer | undefined {
    return this.#online.get(nodeId);
  }

  /** Why the last attempts failed, and configured addresses where nobody was met, for people to read. */
  get attempts(): Dialer {
    return this.#dialer;
  }

  /** Tries everything that is not connected once, now; resolves when all attempts have ended. */
  connectAll(signal?: AbortSignal): Promise<void> {
    return this.#dialer.dialAll(signal);
  }

  /** A one-off connection to an address, for joining: the caller knows whom to expect. */
  async dialStranger(address: string, nodeId: string, signal: AbortSignal): Promise<Connection> {
    const link = await this.options.transport.dial(address, {
      expect: (actual) => actual === nodeId,
      signal,
    });
    return this.#connection(link, this.options.handler);
  }

  /** One attempt at one address, introduction and all; answers who was met. @throws PeerError why it failed */
  attempt(address: string, nodeId: string | undefined, signal: AbortSignal): Promise<string> {
    return this.#dial(address, nodeId, signal);
  }

  /** Whether that member's key answers at an address; hangs up at once. */
  async probe(address: string, nodeId: string, signal: AbortSignal): Promise<DialOutcome> {
    try {
      const expect = (actual: string): boolean => actual === nodeId;
      const options = { expect, signal, timeoutMs: meshLimits.dialMs };
      (await this.options.transport.dial(address, options)).destroy();
      return 'reached';
    } catch (error) {
      return dialOutcome(error);
    }
  }

  /** Leaves alone who is connected, and dials members that the roster or address book has just named. */
  refresh(): void {
    if (!this.#disposed) this.#dialer.refresh();
  }

  /** The network is another one, or this machine slept: who is silent now is gone, and the others may be reached. */
  renew(): void {
    if (this.#disposed) return;
    for (const { connection } of this.#online.values()) connection.probe();
    this.#dialer.restart();
  }

  /** A member that is connected says where it listens, which may be elsewhere than when it connected. */
  async moved(nodeId: string, addresses: readonly string[]): Promise<void> {
    const entry = this.#online.get(nodeId);
    const known = this.options.addressBook.get(nodeId)?.addresses ?? [];
    const [first] = addresses;
    if (entry === undefined || first === undefined) return;
    if (addresses.every((address) => known.includes(address))) return;
    entry.address = first;
    await this.options.addressBook.move(nodeId, addresses);
    this.#changed.fire();
  }

  /** Somebody says that this member can be reached there: a hint, on which the handshake decides. */
  hint(nodeId: string, address: string): void {
    if (!this.#disposed && !isStranger(this.options.membership, nodeId))
      this.#dialer.hint(nodeId, address);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#roster.dispose();
    this.#dialer.dispose();
    this.#listening.dispose();
    for (const connection of this.#pending) connection.dispose();
    for (const { connection } of this.#online.values()) connection.dispose();
    this.#online.clear();
  }

  #greeting(): Greeting {
    return { addresses: this.addresses, stays: this.options.stays() };
  }

  async #dial(address: string, expected: string | undefined, signal: AbortSignal): Promise<string> {
    const { transport, membership, handler } = this.options;
    const link = await transport.dial(address, {
      // Nobody but a known member gets as much as one byte.
      expect: (actual) =>
        actual !== membership.nodeId &&
        (expected === undefined ? membership.member(actual) !== undefined : actual === expected),
      signal,
      timeoutMs: meshLimits.dialMs,
    });
    // Two addresses may lead to one member: a second connection would only be exchanged for the first.
    const rival = this.#online.get(link.nodeId);
    if (rival?.dialledBy === membership.nodeId || this.#introducing.has(link.nodeId)) {
      link.destroy();
      return link.nodeId;
    }
    const connection = this.#connection(link, handler);
    this.#introducing.add(link.nodeId);
    try {
      const greeting = await introduce(connection, membership, this.#greeting(), signal);
      await this.#welcome(connection, membership.nodeId, greeting, address);
      return link.nodeId;
    } catch (error) {
      connection.dispose();
      throw error;
    } finally {
      this.#introducing.delete(link.nodeId);
    }
  }

  #accept(link: Link, admitted: () => void): void {
    const { handler, logger } = this.options;
    let greeting: Greeting | undefined;
    const answer: RequestHandler = async (request, context) => {
      const { message } = request;
      if (message.t === 'redeem') {
        try {
          return await handler(request, context);
        } catch (error) {
          connection.closeAfterAnswer(); // one guess for each connection
          throw error;
        }
      }
      if (message.t !== 'hello') return await handler(request, context);
      try {
        const welcome = await this.#admission.admit(link, message);
        greeting = message;
        connection.admit(); // takes effect with the answer
        return { message: welcome };
      } catch (error) {
        connection.closeAfterAnswer();
        return { message: this.#admission.refuse(link, message, error) };
      }
    };
    const connection = this.#connection(link, answer, () => {
      admitted();
      if (greeting === undefined) return;
      this.#welcome(connection, link.nodeId, greeting).catch((error: unknown) => {
        // The address book could not be written: without it there is no use for a connection.
        if (!this.#disposed)
          logger.warn('could not welcome', link.nodeId, PeerError.from(error).code);
        connection.dispose();
      });
    });
  }

  #connection(link: Link, handler: RequestHandler, onAdmitted?: () => void): Connection {
    let farewells = 0;
    const connection = new Connection(link, {
      handler,
      logger: this.options.logger,
      onNotification: (message) => {
        const peer = this.#online.get(connection.nodeId);
        if (peer === undefined) return;
        if (message.t === 'news') this.#news.fire(peer);
        else if (farewells++ < meshLimits.farewells) this.#learnRemoval(message.records);
      },
      ...(onAdmitted && { onAdmitted }),
      ...(this.options.memory && { memory: this.options.memory }),
    });
    this.#pending.add(connection);
    connection.onDidClose(() => this.#pending.delete(connection));
    return connection;
  }

  async #welcome(
    connection: Connection,
    dialledBy: string,
    greeting: Greeting,
    dialled?: string,
  ): Promise<void> {
    const { nodeId } = connection;
    const own = this.options.membership.nodeId;
    const rival = this.#online.get(nodeId);
    // It may have closed while its chain was stored: its end would never be told.
    if (this.#disposed || nodeId === own || connection.closed) {
      connection.dispose();
      return;
    }
    // Or it was removed while it was let in.
    if (isStranger(this.options.membership, nodeId)) {
      connection.dismiss(refusal(), farewell(this.options.membership, nodeId));
      return;
    }
    // Of two connections that were dialled at once both sides keep the one of the lower id. Of two that were not, the
    // older one is dead, and only this side has not noticed.
    const now = this.#time.now();
    const preferred = nodeId < own ? nodeId : own;
    const atOnce = rival !== undefined && now - rival.since < meshLimits.simultaneousMs;
    if (atOnce && rival.dialledBy === preferred && dialledBy !== preferred) {
      connection.dispose();
      return;
    }
    const entry: Entry = {
      nodeId,
      connection,
      dialledBy,
      address: dialled ?? greeting.addresses[0] ?? '',
      since: now,
      latencyMs: null,
    };
    this.#pending.delete(connection);
    this.#online.set(nodeId, entry);
    rival?.connection.dispose();
    this.#dialer.connected(nodeId);
    connection.onDidClose(() => {
      if (this.#online.get(nodeId) !== entry) return;
      this.#online.delete(nodeId);
      if (!this.#disposed) this.#lost(nodeId);
      this.#disconnected.fire(nodeId);
      this.#changed.fire();
      this.refresh();
    });
    await this.options.addressBook.meet(nodeId, greeting.addresses, {
      at: Date.now(),
      stays: greeting.stays,
      ...(dialled !== undefined && { dialled }),
    });
    this.#connected.fire(entry);
    this.#changed.fire();
    void this.#measure(entry);
  }

  #lost(nodeId: string): void {
    this.#dialer.lost(nodeId);
    this.options.addressBook.part(nodeId, Date.now()).catch((error: unknown) => {
      this.options.logger.warn('could not note who left', nodeId, PeerError.from(error).code);
    });
  }

  /** Ends the connections with all who are no members any more; all of them, when this peer is none. */
  #showOut(): void {
    for (const { nodeId, connection } of this.online()) {
      if (isStranger(this.options.membership, nodeId))
        connection.dismiss(refusal(), farewell(this.options.membership, nodeId));
    }
  }

  /** Records are believed for what they are, whoever tells them. */
  #learnRemoval(records: readonly Uint8Array[]): void {
    const { membership, logger } = this.options;
    membership.merge(records).catch((error: unknown) => {
      logger.warn('could not take in a removal', PeerError.from(error).code);
    });
  }

  async #measure(entry: Entry): Promise<void> {
    const started = performance.now();
    try {
      await entry.connection.request({ t: 'ping' });
      entry.latencyMs = Math.round((performance.now() - started) * 10) / 10;
      this.#changed.fire();
    } catch {
      // It closed meanwhile; the close is told on its own.
    }
  }
}
