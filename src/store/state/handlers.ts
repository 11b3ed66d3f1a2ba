import type { DatabaseSync } from 'node:sqlite';
import type { StateStore } from '../store.js';
import { absenceTable } from './absenceTable.js';
import { factTable } from './factTable.js';
import { listTable } from './listTable.js';
import { logTable } from './logTable.js';
import { peerTable } from './peerTable.js';
import { receiptTable } from './receiptTable.js';
import type { RecoveryLog } from './recoveryLog.js';
import { riskTable } from './riskTable.js';
import type { Synchronous } from './rows.js';
import { settingsTable } from './settingsTable.js';
import { shareTable } from './shareTable.js';
import { tombstoneTable } from './tombstoneTable.js';
import { transferTable } from './transferTable.js';

export type StateHandlers = Synchronous<StateStore>;

export function stateHandlers(
  database: DatabaseSync,
  recovery: Pick<RecoveryLog, 'addRecord' | 'addSetting'>,
): StateHandlers {
  return {
    ...settingsTable(database, recovery),
    ...logTable(database, recovery),
    ...factTable(database),
    ...listTable(database),
    ...shareTable(database),
    ...tombstoneTable(database),
    ...receiptTable(database),
    ...riskTable(database),
    ...peerTable(database),
    ...absenceTable(database),
    ...transferTable(database),
  };
}
