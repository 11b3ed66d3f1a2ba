import type { StateStore } from '../store.js';
import type { WorkerClient } from '../workerClient.js';
import type { StateHandlers } from './handlers.js';

/** The port, each call carried to the worker. */
export function createStateClient(worker: WorkerClient<StateHandlers>): StateStore {
  return {
    databaseEpoch: () => worker.call('databaseEpoch', []),
    getSetting: (...args) => worker.call('getSetting', args),
    setSetting: (...args) => worker.call('setSetting', args),
    append: (...args) => worker.call('append', args),
    logAfter: (...args) => worker.call('logAfter', args),
    lastSeq: () => worker.call('lastSeq', []),
    entryAt: (...args) => worker.call('entryAt', args),
    getCursor: (...args) => worker.call('getCursor', args),
    setCursor: (...args) => worker.call('setCursor', args),
    records: () => worker.call('records', []),
    knownEntries: (...args) => worker.call('knownEntries', args),
    take: (...args) => worker.call('take', args),
    deletedSince: (...args) => worker.call('deletedSince', args),
    addUptime: (...args) => worker.call('addUptime', args),
    nameShares: (...args) => worker.call('nameShares', args),
    setVerified: (...args) => worker.call('setVerified', args),
    getShare: (...args) => worker.call('getShare', args),
    findShares: (...args) => worker.call('findShares', args),
    listShares: (...args) => worker.call('listShares', args),
    listText: (...args) => worker.call('listText', args),
    versions: (...args) => worker.call('versions', args),
    lineagesWithVersions: (...args) => worker.call('lineagesWithVersions', args),
    countShares: () => worker.call('countShares', []),
    countFiles: () => worker.call('countFiles', []),
    unnamedShares: (...args) => worker.call('unnamedShares', args),
    receipts: (...args) => worker.call('receipts', args),
    heldBy: (...args) => worker.call('heldBy', args),
    wordOf: (...args) => worker.call('wordOf', args),
    heldOf: (...args) => worker.call('heldOf', args),
    shardsByHolder: () => worker.call('shardsByHolder', []),
    absences: () => worker.call('absences', []),
    putAbsences: (...args) => worker.call('putAbsences', args),
    putPeer: (...args) => worker.call('putPeer', args),
    peers: () => worker.call('peers', []),
    putInvite: (...args) => worker.call('putInvite', args),
    redeemInvite: (...args) => worker.call('redeemInvite', args),
    transfers: () => worker.call('transfers', []),
    putTransfer: (...args) => worker.call('putTransfer', args),
    dropTransfer: (...args) => worker.call('dropTransfer', args),
  };
}
