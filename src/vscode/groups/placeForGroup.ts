import { lstat } from 'node:fs/promises';
import * as vscode from 'vscode';
import { PeerError } from '../../common/errors.js';
import { LocalError } from '../errorWords.js';
import { section } from '../ids.js';
import { furtherGroups } from '../settings.js';
import { pickText } from '../visibleText.js';
import { freeDirectory, mostFurther } from './directories.js';
import type { Group } from './group.js';
import type { Groups } from './groups.js';

/** Makes the place, when it is certain that it is needed. @throws {PeerError} */
export type MakePlace = () => Promise<Group>;

/**
 * Where a group is to be founded or joined: with a peer that is in none yet, of which `preferred` comes first, or else
 * beside the groups that there are, if the user says so. Nothing is made before it is asked for. Undefined when the user
 * leaves.
 *
 * @param title of what is being done
 * @throws {PeerError} `limit` when this machine is in as many as it can be; as attaching
 */
export async function placeForGroup(
  groups: Groups,
  title: string,
  preferred: Group = groups.first,
): Promise<MakePlace | undefined> {
  await preferred.session.client();
  const empty = [preferred, ...groups.all].find(({ session }) => session.status?.self === null);
  if (empty !== undefined) return () => Promise.resolve(empty);
  if (groups.all.length > mostFurther) {
    throw new LocalError(
      'limit',
      vscode.l10n.t('This machine is in {0} groups, and can be in no more.', groups.all.length),
    );
  }
  return (await askBeside(groups, title)) ? () => makeBeside(groups) : undefined;
}

async function askBeside({ all }: Groups, title: string): Promise<boolean> {
  const names = all.map(({ name }) => pickText(name)).join(', ');
  const beside = {
    label: vscode.l10n.t('Be in the New Group as Well'),
    detail: vscode.l10n.t('It has a data directory, an identity and a peer process of its own.'),
  };
  const answer = await vscode.window.showQuickPick([beside], {
    title,
    placeHolder: vscode.l10n.t('This machine is in {0} already.', names),
    ignoreFocusOut: true,
  });
  return answer === beside;
}

/** Names a new data directory beside the first one in the settings. */
async function makeBeside(groups: Groups): Promise<Group> {
  const directory = await freeDirectory(
    groups.first.directory,
    async (path) => groups.find(path) !== undefined || (await exists(path)),
  );
  const given = furtherGroups();
  const further = [...(Array.isArray(given) ? (given as unknown[]) : []), directory];
  await vscode.workspace
    .getConfiguration(section)
    .update('furtherGroups', further, vscode.ConfigurationTarget.Global);
  groups.follow();
  const group = groups.find(directory);
  if (group !== undefined) return group;
  throw new PeerError('internal', 'The settings do not name the new data directory.');
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (PeerError.from(error).code === 'not-found') return false;
    throw error;
  }
}
