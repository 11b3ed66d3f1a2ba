import { commandIds, type CommandId } from '../ids.js';
import { canPeerLeave } from './canPeerLeave.js';
import { cancelTransfer } from './cancelTransfer.js';
import { clearFilter } from './clearFilter.js';
import { clearTransfers } from './clearTransfers.js';
import type { Command, MachineCommand } from './command.js';
import { compareFile } from './compareFile.js';
import { compareVersion } from './compareVersion.js';
import { connectPeers } from './connectPeers.js';
import { copyInviteLink } from './copyInviteLink.js';
import { copyShareLink } from './copyShareLink.js';
import { createGroup } from './createGroup.js';
import { deleteShare } from './deleteShare.js';
import { diagnoseConnections } from './diagnoseConnections.js';
import { downloadFile } from './downloadFile.js';
import { filterFiles } from './filterFiles.js';
import { groupFiles } from './groupFiles.js';
import { invitePeer } from './invitePeer.js';
import { joinGroup } from './joinGroup.js';
import { openChunkMap } from './openChunkMap.js';
import { loadMoreFiles } from './loadMoreFiles.js';
import { openShareLink } from './openShareLink.js';
import { pauseAll } from './pauseAll.js';
import { pauseTransfer } from './pauseTransfer.js';
import { openFile } from './openFile.js';
import { peekFile } from './peekFile.js';
import { refreshViews } from './refreshViews.js';
import { reviewPeer } from './reviewPeer.js';
import { removePeer } from './removePeer.js';
import { repairFile } from './repairFile.js';
import { resumeAll } from './resumeAll.js';
import { resumeTransfer } from './resumeTransfer.js';
import { retryTransfer } from './retryTransfer.js';
import { shareFile } from './shareFile.js';
import { showInviteCode } from './showInviteCode.js';
import { shareToPeers } from './shareToPeers.js';
import { showLog } from './showLog.js';
import { startPeer } from './startPeer.js';
import { stopPeer } from './stopPeer.js';
import { verifyEverything } from './verifyEverything.js';
import { verifyFile } from './verifyFile.js';

/** Commands about one group: of several, the rows say which, or the user. One file each. */
export const groupCommands = {
  [commandIds.shareFile]: shareFile,
  [commandIds.downloadFile]: downloadFile,
  [commandIds.verifyFile]: verifyFile,
  [commandIds.copyShareLink]: copyShareLink,
  [commandIds.verifyEverything]: verifyEverything,
  [commandIds.repairFile]: repairFile,
  [commandIds.shareToPeers]: shareToPeers,
  [commandIds.openFile]: openFile,
  [commandIds.peekFile]: peekFile,
  [commandIds.compareFile]: compareFile,
  [commandIds.compareVersion]: compareVersion,
  [commandIds.deleteShare]: deleteShare,
  [commandIds.openChunkMap]: openChunkMap,
  [commandIds.loadMoreFiles]: loadMoreFiles,
  [commandIds.invitePeer]: invitePeer,
  [commandIds.copyInviteLink]: copyInviteLink,
  [commandIds.showInviteCode]: showInviteCode,
  [commandIds.startPeer]: startPeer,
  [commandIds.stopPeer]: stopPeer,
  [commandIds.connectPeers]: connectPeers,
  [commandIds.diagnoseConnections]: diagnoseConnections,
  [commandIds.reviewPeer]: reviewPeer,
  [commandIds.removePeer]: removePeer,
  [commandIds.canPeerLeave]: canPeerLeave,
  [commandIds.cancelTransfer]: cancelTransfer,
  [commandIds.pauseTransfer]: pauseTransfer,
  [commandIds.resumeTransfer]: resumeTransfer,
  [commandIds.retryTransfer]: retryTransfer,
} as const satisfies Partial<Record<CommandId, Command>>;

/** All others: about all groups, or about one that they find themselves. */
export const machineCommands: Readonly<
  Record<Exclude<CommandId, keyof typeof groupCommands>, MachineCommand>
> = {
  [commandIds.openShareLink]: openShareLink,
  [commandIds.filterFiles]: filterFiles,
  [commandIds.clearFilter]: clearFilter,
  [commandIds.groupFiles]: groupFiles,
  [commandIds.createGroup]: createGroup,
  [commandIds.joinGroup]: joinGroup,
  [commandIds.pauseAll]: pauseAll,
  [commandIds.resumeAll]: resumeAll,
  [commandIds.clearTransfers]: clearTransfers,
  [commandIds.refreshViews]: refreshViews,
  [commandIds.showLog]: showLog,
};
