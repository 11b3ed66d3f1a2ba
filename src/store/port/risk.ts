/** What hangs on holders. */

/** Whose word counts, and who of them could act now. Node ids. */
export interface RiskView {
  /** Holders whose word does not count. */
  readonly without: readonly string[];
}

/** What hangs on one holder. Listed shares, older versions left out. */
export interface HolderRisk {
  readonly holderId: string;
  /** Shares that would be gone with it. */
  readonly lost: number;
  /** Shares that would not survive one more loss after it. */
  readonly atRisk: number;
}

export interface OutlookQuery extends RiskView {
  readonly holderId: string;
  /** Other holders that can be reached now. */
  readonly online: readonly string[];
  /** Of these, those that could take a part of a share of which they hold none. */
  readonly takers: readonly string[];
}

/** What becomes of the shares of which a holder keeps a part, if it leaves. See `LeaveOutlook` of the contract. */
export interface Outlook extends Omit<HolderRisk, 'holderId'> {
  readonly shares: number;
  readonly unreachable: number;
  readonly repairable: number;
  readonly notRepairable: number;
}

/** A share of which a holder keeps a part that nobody else keeps. */
export interface DependentShare {
  readonly shareId: string;
  readonly name: string | null;
  readonly kind: 'file' | 'folder' | null;
  /** Shards that are held, less k; 0 or more. */
  readonly spare: number;
  /** The same without that holder. */
  readonly spareWithout: number;
}
