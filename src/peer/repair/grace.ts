import type { Standing } from './census.js';
import type { Damage } from './damageBook.js';

/** How long a holder may be away before what it holds is made anew elsewhere. */
export interface Grace {
  /** For peers that promised to stay, milliseconds. */
  readonly staysMs: number;
  /** For all others. */
  readonly othersMs: number;
}

const hourMs = 60 * 60_000;

export const usualGrace: Grace = { staysMs: 24 * hourMs, othersMs: 7 * 24 * hourMs };

/** What is known of a holder, and of one shard of it. */
export interface HolderFacts {
  /** Of the group, by the roster. */
  readonly isMember: boolean;
  /** Somebody with the right to say so declared it lost. */
  readonly isLost: boolean;
  readonly isOnline: boolean;
  /** Away so long while this peer was up and met others: see {@link Absences}. */
  readonly awayMs: number;
  readonly stays: boolean;
  /** What was found when its shard was looked at; null when nothing was wrong. */
  readonly damage: Damage | null;
}

/** Whether a receipt still stands for a shard. */
export function standingOf(facts: HolderFacts, grace: Grace): Standing {
  const { isMember, isLost, isOnline, awayMs, stays, damage } = facts;
  if (!isMember || isLost || damage === 'lied') return 'gone';
  if (!isOnline && awayMs >= (stays ? grace.staysMs : grace.othersMs)) return 'gone';
  return damage === null ? 'live' : 'damaged';
}
