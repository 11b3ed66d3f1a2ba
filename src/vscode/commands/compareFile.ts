import * as vscode from 'vscode';
import { openDiff } from '../compare/openDiff.js';
import { pairToCompare } from '../compare/pairToCompare.js';
import type { Command } from './command.js';
import { requireGroup } from './requireGroup.js';

/** Shows what differs between a local file and its newest shared version. */
export const compareFile: Command = async (context, chosen) => {
  const client = await requireGroup(context.session);
  const title = vscode.l10n.t('Compare with Shared Version');
  const pair = await pairToCompare(client, chosen, title);
  if (pair !== undefined) await openDiff(context, pair.file, pair.local);
};
