import * as vscode from 'vscode';
import { LocalError } from '../errorWords.js';
import type { Group } from '../groups/group.js';
import { groupOfShare } from '../groups/groupOfShare.js';
import type { Groups } from '../groups/groups.js';
import type { Definition } from './definition.js';

/**
 * The group that a task is about: the one that it names; else, of several, the one that has what is fetched, and for what is
 * shared the first.
 *
 * @throws {PeerError} `not-found` when this machine is in no group of that name, `ambiguous` when it is in several
 */
export async function taskGroup(groups: Groups, definition: Definition): Promise<Group> {
  const { action, group: name } = definition;
  if (name !== undefined) return await groupNamed(groups, name);
  return action === 'fetch' ? await groupOfShare(groups, definition.share) : groups.first;
}

async function groupNamed({ all }: Groups, name: string): Promise<Group> {
  // Only a peer that runs tells the name of its group. One that cannot be started is not the one, or says why later.
  await Promise.allSettled(all.map(({ session }) => session.client()));
  const [found, ...more] = all.filter((group) => group.name === name);
  if (found === undefined) {
    throw new LocalError(
      'not-found',
      vscode.l10n.t('This machine is in no group of the name {0}.', name),
    );
  }
  if (more.length > 0) {
    throw new LocalError(
      'ambiguous',
      vscode.l10n.t('This machine is in several groups of the name {0}.', name),
    );
  }
  return found;
}
