import * as vscode from 'vscode';
import type { TransferInfo } from '../../control/contract.js';
import type { MapTarget } from '../map/mapTarget.js';
import { isRow } from '../views/rows.js';
import type { Command } from './command.js';
import { pickShare } from './pickShare.js';
import { requireGroup } from './requireGroup.js';

/** Opens the chunk map of a file, of a run of its chunks, of what a transfer moves, or of what the user picks. */
export const openChunkMap: Command = async ({ group, session, maps }, chosen) => {
  const client = await requireGroup(session);
  if (isRow(chosen, 'transfer')) {
    maps.open(group, targetOf(chosen.transfer));
    return;
  }
  if (isRow(chosen, 'run')) {
    maps.open(group, { share: chosen.share.shareId });
    return;
  }
  const share = await pickShare(client, chosen, vscode.l10n.t('Open Chunk Map'));
  if (share !== undefined) maps.open(group, { share: share.shareId });
};

function targetOf({ shareId, transferId }: TransferInfo): MapTarget {
  return shareId === null ? { transferId } : { share: shareId };
}
