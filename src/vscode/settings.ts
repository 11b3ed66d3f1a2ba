import * as vscode from 'vscode';
import type { Settings } from '../control/contract.js';
import { parseLimit } from '../common/byteSize.js';
import { defaultDataDir } from '../common/dataDir.js';
import { section, type SettingKey } from './ids.js';

export type KeepServing = 'ask' | 'always' | 'never';

const ifExistsValues = ['ask', 'resume', 'rename', 'overwrite', 'skip'] as const;
/** What a download does where something lies already. */
export type IfExists = (typeof ifExistsValues)[number];

const groupings = ['nothing', 'commit', 'folder', 'sharer'] as const;
/** What the files of the view stand under. */
export type FileGrouping = (typeof groupings)[number];

/** The user's settings. All are machine-scoped: a cloned repository cannot set any of them. */
export function readSetting<T>(key: SettingKey, fallback: T): T {
  return vscode.workspace.getConfiguration(section).get<T>(key, fallback);
}

/** Of the first group. */
export function dataDirectory(): string {
  return readSetting('dataDirectory', '').trim() || defaultDataDir();
}

/** What stands in the setting, which may be anything: {@link groupDirectories} reads it. */
export function furtherGroups(): unknown {
  return readSetting<unknown>('furtherGroups', []);
}

export function keepServing(): KeepServing {
  return readSetting<KeepServing>('keepServing', 'ask');
}

export function ifExists(): IfExists {
  return oneOf('ifExists', ifExistsValues);
}

export function fileGrouping(): FileGrouping {
  return oneOf('groupFilesBy', groupings);
}

/** What is set, or the first value where that is none of them. */
function oneOf<T extends string>(key: SettingKey, values: readonly [T, ...T[]]): T {
  const value = readSetting<unknown>(key, values[0]);
  return values.find((known) => known === value) ?? values[0];
}

/** Undefined where the peer is to choose. */
export function redundancy(): string | undefined {
  const value = readSetting('redundancy', 'auto').trim();
  return value === '' || value === 'auto' ? undefined : value;
}

export function startsWithEditor(): boolean {
  return readSetting('startWithEditor', false);
}

/**
 * What the peer is told when the editor attaches: only what the user set here, so that an editor with
 * default settings does not undo what was configured in the terminal.
 *
 * @param ofFirst whether it is the peer of the first group
 */
export function explicitPeerSettings(ofFirst: boolean): Settings {
  return peerSettings((key) => isFor(key, ofFirst) && isExplicit(key));
}

/** What a peer is told after the user changed settings here, back to the default included. */
export function changedPeerSettings(
  event: vscode.ConfigurationChangeEvent,
  ofFirst: boolean,
): Settings {
  return peerSettings(
    (key) => isFor(key, ofFirst) && event.affectsConfiguration(`${section}.${key}`),
  );
}

/** Two peers cannot have the same port, and the addresses are of members of the first group. */
function isFor(key: SettingKey, ofFirst: boolean): boolean {
  return ofFirst || (key !== 'listen' && key !== 'peers');
}

function peerSettings(applies: (key: SettingKey) => boolean): Settings {
  const peers = readSetting<unknown>('peers', []);
  const listen = readSetting('listen', '').trim();
  const lend = parseLimit(readSetting('lend', 'unlimited'));
  const versions = readSetting<unknown>('keepVersions', 5);
  const versionDays = readSetting<unknown>('keepVersionDays', 30);
  return {
    ...(applies('peers') && Array.isArray(peers)
      ? { peers: peers.filter((peer) => typeof peer === 'string').map((peer) => peer.trim()) }
      : {}),
    ...(applies('listen') && listen !== '' ? { listen } : {}),
    ...(applies('discovery') ? { discovery: readSetting('discovery', true) } : {}),
    ...(applies('keepServing') ? { stays: keepServing() === 'always' } : {}),
    ...(applies('lend') && lend !== undefined ? { lend } : {}),
    ...(applies('keepVersions') && isCount(versions, 1) ? { versions } : {}),
    ...(applies('keepVersionDays') && isCount(versionDays, 0) ? { versionDays } : {}),
  };
}

/** What a person wrote into settings.json may be anything. */
function isCount(value: unknown, least: number): value is number {
  return Number.isInteger(value) && Number(value) >= least;
}

function isExplicit(key: SettingKey): boolean {
  return vscode.workspace.getConfiguration(section).inspect(key)?.globalValue !== undefined;
}
