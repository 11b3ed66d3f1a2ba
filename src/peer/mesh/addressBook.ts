import type { PeerRow, StateStore } from '../../store/store.js';

const maxAddresses = 8;
/** Hearsay goes behind so many of those that are known, so that there is always room for it. */
const firmAddresses = 4;

/** Where members were met: durable, best first, and always only a hint — keys decide who it is. */
export class AddressBook {
  readonly #rows = new Map<string, PeerRow>();

  private constructor(private readonly state: StateStore) {}

  static async load(state: StateStore): Promise<AddressBook> {
    const book = new AddressBook(state);
    for (const row of await state.peers()) book.#rows.set(row.nodeId, row);
    return book;
  }

  get(nodeId: string): PeerRow | undefined {
    return this.#rows.get(nodeId);
  }

  entries(): readonly PeerRow[] {
    return [...this.#rows.values()];
  }

  /** Puts addresses in front of those that are known. Hearsay goes behind them, and renews nothing. */
  async learn(
    nodeId: string,
    addresses: readonly string[],
    met?: { readonly at: number; readonly stays: boolean },
  ): Promise<boolean> {
    const known = this.#rows.get(nodeId);
    const old = known?.addresses ?? [];
    const merged =
      met === undefined
        ? [...old.slice(0, firmAddresses), ...addresses, ...old.slice(firmAddresses)]
        : [...addresses, ...old];
    const row: PeerRow = {
      nodeId,
      addresses: [...new Set(merged)].slice(0, maxAddresses),
      lastSeen: met?.at ?? known?.lastSeen ?? 0,
      stays: met?.stays ?? known?.stays ?? false,
    };
    const news = row.addresses.length !== old.length || row.addresses.some((a, i) => a !== old[i]);
    if (!news && met === undefined) return false;
    this.#rows.set(nodeId, row);
    await this.state.putPeer(row);
    return news;
  }
}
