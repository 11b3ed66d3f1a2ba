import type { Disposable } from '../common/disposable.js';
import type { HostPort } from './address.js';

/** What happens on a link; nothing after `onClose`. */
export interface LinkEvents {
  /** `chunk` is valid during the call only. */
  readonly onData: (chunk: Uint8Array) => void;
  /** Something that was written has left: `buffered` is smaller than before. */
  readonly onDrain: () => void;
  /** Once, for whatever reason; with an error when it was one. */
  readonly onClose: (error?: Error) => void;
}

/**
 * A stream of bytes, in order, to and from a peer whose key is known: it proved to own it, and nothing was
 * written before that was checked.
 */
export interface Link {
  /** SHA-256 of `spki`, hex. */
  readonly nodeId: string;
  /** The peer's public key, P-256, DER. */
  readonly spki: Uint8Array;
  /** For people to read. */
  readonly remoteAddress: string;
  /** Bytes that were written and have not left this process. */
  readonly buffered: number;
  /** Names whom to tell. Called once; nothing is read before, and nothing is lost. */
  attach(events: LinkEvents): void;
  /**
   * Sends parts one after the other, without copying them: they must not change before `onSent`, which is not
   * called when the link closes first. Ignored once the link is closed.
   */
  write(parts: readonly Uint8Array[], onSent?: () => void): void;
  /** No `onData` until `resume`. */
  pause(): void;
  resume(): void;
  /** Sends what was written, then closes; at the latest after a second. */
  end(): void;
  /** Closes now; what was not sent is lost. Idempotent. */
  destroy(): void;
}

export interface DialOptions {
  /** Decides by the key whether this is the peer that is meant. If not, it does not get a byte. */
  readonly expect: (nodeId: string) => boolean;
  readonly signal?: AbortSignal;
  /** For everything until the link is secured. */
  readonly timeoutMs?: number;
}

/** Stops listening; links that were handed over stay. */
export interface Listener extends Disposable {
  /** `host:port` that was bound. */
  readonly address: string;
}

/**
 * Called for each peer that secured a link, which belongs to the callee from then on. `admitted` tells the
 * listener that this is no stranger any more: strangers are few, in all and from one address.
 */
export type OnLink = (link: Link, admitted: () => void) => void;

/** Ways to reach and to be reached. */
export interface Transport {
  /** @throws {PeerError} `in-use` when the port is taken, or the address is not of this machine */
  listen(at: HostPort, onLink: OnLink): Promise<Listener>;

  /**
   * @param address `host:port`
   * @throws {PeerError} `usage` for no address, `unreachable`, `timeout`, `cancelled`, `closed`; `not-trusted`
   *   when another identity answers than the one expected; `protocol` when it is no peer at all.
   */
  dial(address: string, options: DialOptions): Promise<Link>;
}
