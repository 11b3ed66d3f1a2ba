import { fromHex, toHex } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import type { Logger } from '../../common/logger.js';
import { epochName, unwrapEpochKey } from './epochKeys.js';
import type { Roster } from './roster.js';

/** Whoever can open keys that were wrapped for it. */
export interface KeyOwner {
  readonly nodeId: string;
  /** Public ECDH key, uncompressed point, 65 bytes. */
  readonly ecdhPublic: Uint8Array;
  /** ECDH with the own private key. */
  agree(peer: Uint8Array): Uint8Array;
}

/** The epoch keys that this peer may open, by name. */
export class Keyring {
  readonly #keys = new Map<string, Uint8Array>();

  constructor(
    private readonly owner: KeyOwner,
    private readonly logger: Logger,
  ) {}

  /** Opens what the roster grants and is not open yet. */
  open(roster: Roster): void {
    const { nodeId, ecdhPublic } = this.owner;
    for (const grant of roster.grantsFor(nodeId)) {
      const name = toHex(grant.epoch);
      if (this.#keys.has(name)) continue;
      try {
        const key = unwrapEpochKey(grant, fromHex(roster.groupId), ecdhPublic, (peer) =>
          this.owner.agree(peer),
        );
        this.#keys.set(toHex(epochName(key)), key);
      } catch (error) {
        this.logger.warn('an epoch key does not open', name, PeerError.from(error).code);
      }
    }
  }

  get(name: string): Uint8Array | undefined {
    return this.#keys.get(name);
  }

  /** Those of these names that are open. */
  these(names: Iterable<string>): readonly Uint8Array[] {
    return [...names].map((name) => this.#keys.get(name)).filter((key) => key !== undefined);
  }
}
