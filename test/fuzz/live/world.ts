import type { Identity } from '../../../src/net/identity.js';
import type { Credentials } from '../../support/stranger.js';

/** What attackers know of the peer under attack and of its group. */
export interface World {
  /** Of the peer under attack. */
  readonly address: string;
  /** Of its control channel. */
  readonly controlPath: string;
  readonly groupId: Uint8Array;
  /** Shares that it holds shards of. */
  readonly shareIds: readonly Uint8Array[];
  /** Of those: signed manifests and receipts, as every member has them. */
  readonly manifests: readonly Uint8Array[];
  readonly receipts: readonly Uint8Array[];
  readonly records: readonly Uint8Array[];
  /** All members. */
  readonly nodeIds: readonly Uint8Array[];
  /** Admitted, and hostile. */
  readonly members: readonly Identity[];
  /** Not admitted, among them keys of kinds that no peer has. */
  readonly strangers: readonly Credentials[];
  /** The first bytes of a TLS connection to it. */
  readonly clientHello: Uint8Array;
}
