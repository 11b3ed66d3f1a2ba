import { stat } from 'node:fs/promises';
import type { ShareInfo } from '../../control/contract.js';
import { freePath, isTaken } from '../../common/targetPath.js';
import type { IfExists } from '../settings.js';

/** A share, and the absolute path that it is to have. */
export interface Wanted {
  readonly share: ShareInfo;
  readonly path: string;
}

/** The same, and what may happen to what lies there. */
export interface Planned extends Wanted {
  readonly overwrite: boolean;
  /** What lies there is the result where it is the same. */
  readonly acceptSame: boolean;
}

export type Decision = Exclude<IfExists, 'ask'>;

export interface Answer {
  readonly decision: Decision;
  /** For the others that are there already, too. */
  readonly forAll: boolean;
}

/** Undefined when the whole download is given up. */
export type Ask = (wanted: Wanted, othersLeft: number) => Promise<Answer | undefined>;

export interface Plan {
  readonly downloads: readonly Planned[];
  readonly skipped: readonly Wanted[];
}

/**
 * Settles what becomes of every target that is taken before anything moves: what follows needs nobody any more. A folder
 * is never replaced.
 *
 * @returns undefined when it is given up
 */
export async function planDownloads(
  wanted: readonly Wanted[],
  policy: IfExists,
  ask: Ask,
): Promise<Plan | undefined> {
  const downloads: Planned[] = [];
  const skipped: Wanted[] = [];
  const paths = new Set<string>();
  let standing: Decision | undefined = policy === 'ask' ? undefined : policy;
  for (const [index, one] of wanted.entries()) {
    const { share, path } = one;
    const add = (more: Partial<Planned>): void => {
      const planned = { ...one, overwrite: false, acceptSame: false, ...more };
      paths.add(planned.path);
      downloads.push(planned);
    };
    // Two files of one name come from different folders: neither is to end the other.
    const isDouble = paths.has(path);
    if (!isDouble && !(await isTaken(path, share.kind))) {
      add({});
      continue;
    }
    let decision = isDouble && standing !== 'skip' ? ('rename' as const) : standing;
    if (decision === undefined || (decision !== 'rename' && !(await isPossible(one, decision)))) {
      const answer = await ask(one, wanted.length - index - 1);
      if (answer === undefined) return undefined;
      if (answer.forAll) standing = answer.decision;
      decision = answer.decision;
    }
    if (decision === 'skip') skipped.push(one);
    else if (decision === 'rename') add({ path: await freePath(path, share.kind, paths) });
    else add({ overwrite: decision === 'overwrite', acceptSame: decision === 'resume' });
  }
  return { downloads, skipped };
}

/** Whether a decision that was made for all suits this one: else the user is asked. */
async function isPossible({ share, path }: Wanted, decision: Decision): Promise<boolean> {
  if (decision === 'skip' || decision === 'rename') return true;
  if (share.kind === 'folder') return decision === 'resume';
  const found = await stat(path).catch(() => null);
  // A file of another size is another file; what is half written has another name.
  return decision === 'overwrite' ? found?.isDirectory() !== true : found?.size === share.size;
}
