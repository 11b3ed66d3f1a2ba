import * as vscode from 'vscode';
import { openDiff } from '../compare/openDiff.js';
import { pairToCompare } from '../compare/pairToCompare.js';
import { olderVersionOf } from '../compare/sharedVersionOf.js';
import type { Command } from './command.js';
import { requireGroup } from './requireGroup.js';

/** Shows what differs between a local file and an older version that was shared, which the user picks. */
export const compareVersion: Command = async (context, chosen) => {
  const client = await requireGroup(context.session);
  const title = vscode.l10n.t('Compare with an Older Version');
  const pair = await pairToCompare(client, chosen, title);
  const older = pair && (await olderVersionOf(client, pair.file));
  if (pair !== undefined && older !== undefined) await openDiff(context, older, pair.local);
};
