import type { SettingKey } from '../../../src/vscode/ids.js';

/** What the folder that is open in the tests would like to set. None of it may count. */
export function hostileSettings(dataDirectory: string): Readonly<Record<SettingKey, unknown>> {
  return {
    peers: ['203.0.113.66:666'],
    listen: '0.0.0.0:666',
    discovery: false,
    dataDirectory,
    furtherGroups: [`${dataDirectory}-2`],
    startWithEditor: true,
    keepServing: 'always',
    redundancy: 'copies:1',
    lend: '1 TB',
    keepVersions: 1,
    keepVersionDays: 0,
    ifExists: 'overwrite',
    notifyAboutShares: false,
    groupFilesBy: 'sharer',
  };
}
