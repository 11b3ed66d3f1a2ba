import { toHex } from '../../common/bytes.js';
import type { GrantBody } from '../../protocol/records.js';
import { membershipLimits } from '../limits.js';

/** What is to be known of a roster to tell its epochs apart. */
export interface Granting {
  /** Grants that count. */
  readonly grants: readonly GrantBody[];
  /** Grants that are kept and do not count. */
  readonly voidGrants: readonly GrantBody[];
  /** Members that may read. */
  readonly readers: ReadonlySet<string>;
}

/**
 * The epochs of a group, by name. One can be current when an admin made it, which shows in a grant to itself, and when
 * everybody who knows its key, by grants that were given or received, may read still. So a removal makes all epochs of
 * the removed one old, and it takes neither clocks nor an order to say which is new. Of several the lowest name wins.
 */
export class Epochs {
  /** Lowest name first. */
  readonly current: readonly string[];
  /** All that a reader is to have. */
  readonly all: ReadonlySet<string>;
  readonly #holders = new Map<string, Set<string>>();
  readonly #readers: ReadonlySet<string>;

  constructor({ grants, voidGrants, readers }: Granting) {
    this.#readers = readers;
    const made = new Set<string>();
    const leaked = new Set<string>();
    for (const grant of grants) {
      const epoch = toHex(grant.epoch);
      const [signer, member] = [toHex(grant.signer), toHex(grant.member)];
      if (signer === member) made.add(epoch);
      if (!readers.has(signer) || !readers.has(member)) leaked.add(epoch);
      const holders = this.#holders.get(epoch) ?? new Set();
      this.#holders.set(epoch, holders.add(member));
    }
    this.current = [...made].filter((epoch) => !leaked.has(epoch)).sort();
    this.all = new Set([...this.#holders.keys(), ...outsiders(voidGrants, this.#holders)]);
  }

  /** Readers without a grant of an epoch that counts, by node id. */
  lacking(epoch: string): readonly string[] {
    const holders = this.#holders.get(epoch);
    return [...this.#readers].filter((nodeId) => holders?.has(nodeId) !== true);
  }
}

function outsiders(grants: readonly GrantBody[], known: ReadonlyMap<string, unknown>): string[] {
  const bySigner = new Map<string, Set<string>>();
  for (const grant of [...grants].sort((a, b) => a.seq - b.seq)) {
    const epoch = toHex(grant.epoch);
    if (known.has(epoch)) continue;
    const signer = toHex(grant.signer);
    const epochs = bySigner.get(signer) ?? new Set();
    bySigner.set(signer, epochs);
    if (epochs.size < membershipLimits.voidEpochs) epochs.add(epoch);
  }
  return [...bySigner.values()].flatMap((epochs) => [...epochs]);
}
