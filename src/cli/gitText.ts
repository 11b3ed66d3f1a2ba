import { visible } from '../common/visible.js';
import type { GitInfo } from '../control/contract.js';

/** `commit 1a2b3c4d5e6f on main, folder src/cli, with changes that are not committed`; safe to print. */
export function gitText({ commit, branch, dirty, folder }: GitInfo): string {
  const on = branch === null ? '' : ` on ${visible(branch)}`;
  const below = folder === null || folder === '' ? '' : `, folder ${visible(folder)}`;
  return `commit ${commit.slice(0, 12)}${on}${below}${dirty ? ', with changes that are not committed' : ''}`;
}
