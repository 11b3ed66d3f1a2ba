import type { PeerRow, StateStore } from '../../store/store.js';
import { meshLimits } from '../limits.js';

const { addresses: maxAddresses, firmAddresses } = meshLimits;

/** When somebody was met, and what it said of itself. */
export interface Meeting {
  readonly at: number;
  readonly stays: boolean;
  /** The address that led there; absent when the other side dialled. */
  readonly dialled?: string;
}

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

  /** What others say. It goes behind what is known, and renews nothing. Answers whether it was news. */
  learn(nodeId: string, addresses: readonly string[]): Promise<boolean> {
    const old = this.#rows.get(nodeId)?.addresses ?? [];
    const added = addresses.filter((address) => !old.includes(address));
    return this.#keep(nodeId, [
      ...old.slice(0, firmAddresses),
      ...added,
      ...old.slice(firmAddresses),
    ]);
  }

  /** It is connected, and told its addresses: the one that led there comes first, or else the best so far. */
  meet(nodeId: string, told: readonly string[], met: Meeting): Promise<boolean> {
    const old = this.#rows.get(nodeId)?.addresses ?? [];
    const first = met.dialled === undefined ? old.slice(0, 1) : [met.dialled];
    return this.#keep(nodeId, [...first, ...told, ...old], met);
  }

  /** It is connected, and listens elsewhere than it told before. */
  move(nodeId: string, told: readonly string[]): Promise<boolean> {
    return this.#keep(nodeId, [...told, ...(this.#rows.get(nodeId)?.addresses ?? [])]);
  }

  /** Its connection ended: until then it was there. */
  async part(nodeId: string, at: number): Promise<void> {
    const known = this.#rows.get(nodeId);
    if (known !== undefined) await this.#keep(nodeId, known.addresses, { at, stays: known.stays });
  }

  /** Somebody else answers there: it goes to its owner, if that is a member, or else comes last from now on. */
  async correct(nodeId: string, address: string, owner: string | undefined): Promise<void> {
    const old = this.#rows.get(nodeId)?.addresses ?? [];
    if (!old.includes(address)) return;
    const others = old.filter((one) => one !== address);
    await Promise.all([
      this.#keep(nodeId, owner === undefined ? [...others, address] : others),
      owner !== undefined && this.learn(owner, [address]),
    ]);
  }

  async #keep(nodeId: string, addresses: readonly string[], met?: Meeting): Promise<boolean> {
    const known = this.#rows.get(nodeId);
    const old = known?.addresses ?? [];
    const row: PeerRow = {
      nodeId,
      addresses: [...new Set(addresses)].slice(0, maxAddresses),
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
