import { visible } from '../common/visible.js';
import type { GitInfo } from '../control/contract.js';

/** `commit 1a2b3c4d5e6f on main, with changes that are not committed`; safe to print. */
export function gitText({ commit, branch, dirty }: GitInfo): string {
  const on = branch === null ? '' : ` on ${visible(branch)}`;
  return `commit ${commit.slice(0, 12)}${on}${dirty ? ', with changes that are not committed' : ''}`;
}
