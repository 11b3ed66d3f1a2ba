import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import type { StateStore } from '../store.js';
import type { RecoveryLog } from './recoveryLog.js';
import { parseRow, type Synchronous } from './rows.js';

type SettingsTable = Pick<StateStore, 'databaseEpoch' | 'getSetting' | 'setSetting'>;

const valueRow = z.object({ value: z.string() });
const settingRow = z.object({ key: z.string(), value: z.string() });

export function settingsTable(
  database: DatabaseSync,
  recovery: Pick<RecoveryLog, 'addSetting'>,
): Synchronous<SettingsTable> {
  const epoch = database.prepare("SELECT value FROM meta WHERE key = 'epoch'");
  const get = database.prepare('SELECT value FROM settings WHERE key = ?');
  const set = database.prepare(
    'INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
  );
  return {
    databaseEpoch: () => parseRow(valueRow, epoch.get()).value,
    getSetting: (key) => {
      const row = get.get(key);
      return row === undefined ? null : parseRow(valueRow, row).value;
    },
    setSetting: (key, value) => {
      set.run(key, value);
      recovery.addSetting(key, value);
    },
  };
}

export function allSettings(database: DatabaseSync): ReadonlyMap<string, string> {
  const rows = database.prepare('SELECT key, value FROM settings').all();
  return new Map(
    rows.map((row) => {
      const { key, value } = parseRow(settingRow, row);
      return [key, value];
    }),
  );
}
