/** What a look at the connections has found. */

/**
 * What a look at the connections has found. The first are about this machine; `back-…` is how the other side reaches it;
 * the others are how it reaches an address.
 */
export type FindingKind =
  | 'no-group'
  | 'removed'
  | 'nobody-else'
  | 'no-network'
  | 'loopback-only'
  | 'listening'
  | 'firewall' // somebody cannot reach this machine
  | 'local-network' // macOS keeps this machine from the local network, most likely
  | 'connected'
  | 'no-address'
  | 'clock'
  | 'reached'
  | 'refused' // nobody listens there
  | 'silent'
  | 'unresolved' // the name is none
  | 'no-route'
  | 'forbidden' // by this system
  | 'stranger' // another identity answers
  | 'no-peer' // another program answers
  | 'closed'
  | 'other-version'
  | 'not-let-in'
  | 'in-use' // a copy of this data directory is connected there
  | 'failed'
  | 'back-reached'
  | 'back-refused'
  | 'back-silent'
  | 'back-stranger'
  | 'back-failed'
  | 'back-unknown'; // the other side could not be asked

export interface Finding {
  readonly level: 'ok' | 'note' | 'problem';
  readonly kind: FindingKind;
  /** Whom it is about; empty for this machine, and where nobody was met yet. */
  readonly nodeId: string;
  /** Show it escaped. */
  readonly name: string;
  /** `host:port`, or empty. */
  readonly address: string;
  /** Of a dial, a round trip, or how far the other clock is ahead. */
  readonly ms: number | null;
}

export interface Diagnosis {
  /** `process.platform` of the peer: what to do about a firewall depends on it. */
  readonly platform: string;
  /** This machine first, then one peer after the other. */
  readonly findings: readonly Finding[];
}
