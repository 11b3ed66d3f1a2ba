import type { Disposable } from '../common/disposable.js';

/** What is announced on the local network. */
export interface Presence {
  /** 16 hex digits, chosen anew at each announcement. */
  readonly instance: string;
  /** By which those who belong together know each other: 22 characters of base64url. */
  readonly tag: string;
  /** Where the listener is. */
  readonly port: number;
  /** The own IPv4 address to announce at; absent: at all. */
  readonly host?: string;
}

/** What was heard there: a hint, which anybody may have made up. */
export interface Sighting {
  readonly instance: string;
  readonly tag: string;
  readonly port: number;
  /** IPv4 address that it came from, on a network that this machine is on: nothing else is believed. */
  readonly host: string;
}

/** Finds who else is on the local network. */
export interface Discovery {
  /** Announces and listens until it is disposed of. Never fails: a network that does not let it is told in the log. */
  start(presence: Presence, onSighting: (sighting: Sighting) => void): Disposable;
}
