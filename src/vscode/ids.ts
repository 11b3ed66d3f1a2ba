/** Every name that package.json and the code share. A test proves that the two agree. */

export const section = 'chunkPartitioner';

export const commandIds = {
  shareFile: 'chunkPartitioner.file.share',
  downloadFile: 'chunkPartitioner.file.download',
  verifyFile: 'chunkPartitioner.file.verify',
  copyShareLink: 'chunkPartitioner.share.copyLink',
  openShareLink: 'chunkPartitioner.share.openLink',
  verifyEverything: 'chunkPartitioner.file.verifyAll',
  repairFile: 'chunkPartitioner.file.repair',
  shareToPeers: 'chunkPartitioner.file.shareTo',
  filterFiles: 'chunkPartitioner.file.filter',
  clearFilter: 'chunkPartitioner.file.clearFilter',
  groupFiles: 'chunkPartitioner.file.group',
  openFile: 'chunkPartitioner.file.open',
  peekFile: 'chunkPartitioner.file.peek',
  compareFile: 'chunkPartitioner.file.compare',
  compareVersion: 'chunkPartitioner.file.compareVersion',
  deleteShare: 'chunkPartitioner.share.delete',
  openChunkMap: 'chunkPartitioner.file.map',
  createGroup: 'chunkPartitioner.group.create',
  joinGroup: 'chunkPartitioner.group.join',
  invitePeer: 'chunkPartitioner.group.invite',
  copyInviteLink: 'chunkPartitioner.group.copyInviteLink',
  showInviteCode: 'chunkPartitioner.group.showInviteCode',
  startPeer: 'chunkPartitioner.peer.start',
  stopPeer: 'chunkPartitioner.peer.stop',
  connectPeers: 'chunkPartitioner.peer.connect',
  diagnoseConnections: 'chunkPartitioner.connections.diagnose',
  reviewPeer: 'chunkPartitioner.peer.review',
  removePeer: 'chunkPartitioner.peer.remove',
  canPeerLeave: 'chunkPartitioner.peer.canLeave',
  cancelTransfer: 'chunkPartitioner.transfer.cancel',
  pauseTransfer: 'chunkPartitioner.transfer.pause',
  resumeTransfer: 'chunkPartitioner.transfer.resume',
  pauseAll: 'chunkPartitioner.transfer.pauseAll',
  resumeAll: 'chunkPartitioner.transfer.resumeAll',
  retryTransfer: 'chunkPartitioner.transfer.retry',
  clearTransfers: 'chunkPartitioner.transfer.clear',
  loadMoreFiles: 'chunkPartitioner.file.loadMore',
  refreshViews: 'chunkPartitioner.view.refresh',
  showLog: 'chunkPartitioner.log.show',
} as const;

export type CommandId = (typeof commandIds)[keyof typeof commandIds];

/** Scheme of the addresses of shared files: `chunk-partitioner://SHARE-ID/NAME`, in a folder with `/PATH` behind. */
export const sharedScheme = 'chunk-partitioner';

/** Viewer of parts of a shared file. */
export const peekEditorType = 'chunkPartitioner.peek';

export const viewIds = {
  container: 'chunkPartitioner',
  peers: 'chunkPartitioner.peers',
  files: 'chunkPartitioner.files',
  transfers: 'chunkPartitioner.transfers',
} as const;

/** Type of the chunk map's tabs. */
export const mapViewType = 'chunkPartitioner.map';

/** `when` keys and the values they take. Where this machine is in several groups, what is true of one of them counts. */
export interface ContextKeys {
  /** What the peer process is doing; of several, the one that runs counts most: see `contextKeys.ts`. */
  'chunkPartitioner.peerState': 'idle' | 'starting' | 'running' | 'stopped' | 'failed';
  /** A peer process does not run, and is not about to. */
  'chunkPartitioner.canStart': boolean;
  'chunkPartitioner.hasGroup': boolean;
  /** The group has fewer than four members online, this machine included. */
  'chunkPartitioner.fewPeers': boolean;
  /** A group with at least four members online. */
  'chunkPartitioner.enoughPeers': boolean;
  'chunkPartitioner.canInvite': boolean;
  /** The Files view shows some of the files only. */
  'chunkPartitioner.filesFiltered': boolean;
  /** A transfer runs that could be paused. */
  'chunkPartitioner.canPause': boolean;
  /** A transfer is paused. */
  'chunkPartitioner.canResume': boolean;
}

export const contextKeys = [
  'chunkPartitioner.peerState',
  'chunkPartitioner.canStart',
  'chunkPartitioner.hasGroup',
  'chunkPartitioner.fewPeers',
  'chunkPartitioner.enoughPeers',
  'chunkPartitioner.canInvite',
  'chunkPartitioner.filesFiltered',
  'chunkPartitioner.canPause',
  'chunkPartitioner.canResume',
] as const satisfies readonly (keyof ContextKeys)[];

/** `contextValue` of tree rows, for `when` clauses on `viewItem`. */
export const rowKinds = {
  groupStarting: 'group.starting',
  groupRunning: 'group.running',
  groupStopped: 'group.stopped',
  /** Its peer runs, and belongs to no group yet. */
  groupEmpty: 'group.empty',
  self: 'peer.self',
  online: 'peer.online',
  away: 'peer.away',
  blocked: 'peer.blocked',
  gone: 'peer.gone',
  file: 'file',
  fileAtRisk: 'file.atRisk',
  run: 'run',
  more: 'more',
  section: 'section',
  running: 'transfer.running',
  pausable: 'transfer.pausable',
  resumable: 'transfer.resumable',
  retryable: 'transfer.retryable',
  ended: 'transfer.ended',
} as const;

export const settingKeys = [
  'peers',
  'listen',
  'discovery',
  'dataDirectory',
  'furtherGroups',
  'startWithEditor',
  'keepServing',
  'redundancy',
  'lend',
  'keepVersions',
  'keepVersionDays',
  'ifExists',
  'notifyAboutShares',
  'groupFilesBy',
] as const;

export type SettingKey = (typeof settingKeys)[number];
