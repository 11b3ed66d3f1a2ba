import type { DependentShare, HolderRisk, Outlook, StateStore } from '../../store/store.js';
import type { Holder } from '../holder.js';
import type { Membership } from '../membership/membership.js';
import type { Candidate } from '../placement.js';
import type { Grace } from './grace.js';
import { RiskBook } from './riskBook.js';

/** What would become of the shares of a holder, and after how long repair begins by itself. */
export interface PeerOutlook extends Outlook {
  /** Milliseconds. */
  readonly graceMs: number;
  readonly dependent: readonly DependentShare[];
}

export interface OutlooksOptions {
  readonly state: Pick<StateStore, 'risks' | 'outlook' | 'dependents'>;
  readonly membership: Pick<
    Membership,
    'noHolders' | 'isHolder' | 'isLost' | 'hasGroup' | 'roster'
  >;
  /** Members that can be reached and take shards, this peer included. */
  readonly candidates: () => readonly Candidate[];
  /** One that can be reached now, this peer included. */
  readonly holder: (nodeId: string) => Holder | undefined;
  readonly stays: (nodeId: string) => boolean;
  readonly grace: () => Grace;
}

const nothing: Outlook = {
  ...{ shares: 0, lost: 0, atRisk: 0, unreachable: 0, repairable: 0, notRepairable: 0 },
};

/** What the group would lose with a peer, told before it leaves. */
export class Outlooks {
  readonly #book: RiskBook;

  constructor(private readonly options: OutlooksOptions) {
    const { state, membership } = options;
    this.#book = new RiskBook(state, () => membership.noHolders);
  }

  /** Shares, holders or who counts as one have changed. */
  forget(): void {
    this.#book.forget();
  }

  /** Those left out on whom nothing hangs. */
  async risks(): Promise<readonly HolderRisk[]> {
    return await this.#book.all();
  }

  /** @param limit most shares that are named */
  async of(nodeId: string, limit: number): Promise<PeerOutlook> {
    const { state, membership, stays, grace } = this.options;
    const { staysMs, othersMs } = grace();
    const graceMs = membership.isLost(nodeId) ? 0 : stays(nodeId) ? staysMs : othersMs;
    // What it holds does not count any more: its leaving changes nothing.
    if (!membership.isHolder(nodeId)) return { ...nothing, graceMs, dependent: [] };
    const query = { without: membership.noHolders, holderId: nodeId };
    const [outlook, dependent] = await Promise.all([
      state.outlook({ ...query, online: this.#online(nodeId), takers: this.#takers(nodeId) }),
      state.dependents(query, limit),
    ]);
    return { ...outlook, graceMs, dependent };
  }

  #online(but: string): string[] {
    const { membership, holder } = this.options;
    if (!membership.hasGroup) return [];
    return [...membership.roster.members.keys()].filter(
      (id) => id !== but && membership.isHolder(id) && holder(id) !== undefined,
    );
  }

  #takers(but: string): string[] {
    return this.options
      .candidates()
      .map(({ nodeId }) => nodeId)
      .filter((nodeId) => nodeId !== but);
  }
}
