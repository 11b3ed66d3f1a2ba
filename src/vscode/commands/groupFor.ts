import * as vscode from 'vscode';
import { LocalError } from '../errorWords.js';
import type { Group } from '../groups/group.js';
import { groupOfShare } from '../groups/groupOfShare.js';
import type { Groups } from '../groups/groups.js';
import { pickGroup } from '../groups/pickGroup.js';

/**
 * The group that a command is about: the one of the rows it was called on; the only one; the one that has the transfer or
 * the share which is named; else the one that the user picks. Undefined when he picks none.
 *
 * @throws {LocalError} `usage` for rows of several groups
 */
export async function groupFor(
  groups: Groups,
  args: readonly unknown[],
): Promise<Group | undefined> {
  const group = groupOfRows(groups, args) ?? groups.only;
  if (group !== undefined) return group;
  const [one] = args;
  if (typeof one !== 'string') return pickGroup(groups);
  const moving = groups.all.find(({ transfers }) => transfers.get(one) !== undefined);
  return moving ?? (await groupOfShare(groups, one));
}

/** The groups that a command about all is meant for: the one of the row it was called on, or all. */
export function groupsFor(groups: Groups, args: readonly unknown[]): readonly Group[] {
  const group = groupOfRow(groups, args[0]);
  return group === undefined ? groups.all : [group];
}

function groupOfRows(groups: Groups, [one, many]: readonly unknown[]): Group | undefined {
  const group = groupOfRow(groups, one);
  const selected: readonly unknown[] = Array.isArray(many) && many.includes(one) ? many : [];
  if (group === undefined || selected.every((row) => groupOfRow(groups, row) === group))
    return group;
  throw new LocalError('usage', vscode.l10n.t('What is selected belongs to several groups.'), {
    hint: vscode.l10n.t('Select rows of one group.'),
  });
}

/** Of a row of any view; arguments can come from anywhere. */
export function groupOfRow(groups: Groups, row: unknown): Group | undefined {
  if (typeof row !== 'object' || row === null) return undefined;
  const group: unknown = Reflect.get(row, 'group');
  return groups.all.find((known) => known === group);
}
