import { PeerError } from '../common/errors.js';
import type { ShareRow, StateStore } from '../store/store.js';
import { verifyLimits } from './limits.js';
import type { ShardCheck } from './verify.js';

/** A share that was not found whole, with what was found. */
export interface UnsoundChecks {
  readonly row: ShareRow;
  readonly checks: readonly ShardCheck[];
}

export interface AllChecked {
  readonly checked: number;
  readonly whole: number;
  /** The rest, the first 1,000. */
  readonly unsound: readonly UnsoundChecks[];
}

export interface VerifyAllOptions {
  readonly state: Pick<StateStore, 'listShares' | 'heldBytes'>;
  /** Verifies one share. @throws PeerError `not-found` when it was deleted meanwhile */
  readonly verify: (
    row: ShareRow,
    onProgress: (done: number, total: number, peers: number) => void,
  ) => Promise<readonly ShardCheck[]>;
  readonly onProgress: (done: number, total: number, peers: number) => void;
}

/** Whether a check found everything whole: each shard that there is to be, and all that holders have of them. */
export function isSound(
  checks: readonly ShardCheck[],
  { k, m }: Pick<ShareRow, 'k' | 'm'>,
): boolean {
  return heldByNobody(checks, { k, m }) === 0 && checks.every(({ status }) => status === 'ok');
}

/** How many shards of a share no holder was known for. */
export function heldByNobody(
  checks: readonly ShardCheck[],
  { k, m }: Pick<ShareRow, 'k' | 'm'>,
): number {
  return k + m - new Set(checks.map(({ shard }) => shard)).size;
}

/** Has every listed share verified by its holders, older versions left out, one after the other. @throws PeerError `cancelled` */
export async function verifyAll({
  state,
  verify,
  onProgress,
}: VerifyAllOptions): Promise<AllChecked> {
  const total = await state.heldBytes();
  const unsound: UnsoundChecks[] = [];
  let checked = 0;
  let whole = 0;
  let before = 0;
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof state.listShares>> = await state.listShares(
      cursor,
      verifyLimits.sharesAtOnce,
    );
    for (const row of page.shares) {
      let size = 0;
      try {
        const checks = await verify(row, (done, ofShare, peers) => {
          size = ofShare;
          // What was shared meanwhile is checked as well: the sum never says more than all.
          onProgress(Math.min(before + done, total), total, peers);
        });
        checked += 1;
        if (isSound(checks, row)) whole += 1;
        else if (unsound.length < verifyLimits.unsound) unsound.push({ row, checks });
      } catch (error) {
        if (!PeerError.is(error, 'not-found')) throw error;
      }
      before += size;
    }
    cursor = page.cursor;
  } while (cursor !== null);
  return { checked, whole, unsound };
}
