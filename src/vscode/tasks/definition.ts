import * as vscode from 'vscode';
import { LocalError } from '../errorWords.js';

/** What package.json calls tasks of this extension. */
export const taskType = 'chunk-partitioner';

interface AnyDefinition {
  /** Name of the group that it is about; undefined leaves that to what the task does. */
  readonly group: string | undefined;
}

/** Shares a file or folder of the workspace, as after a build. */
export interface ShareDefinition extends AnyDefinition {
  readonly action: 'share';
  /** Relative to the workspace folder, or absolute in it. */
  readonly path: string;
}

/** Fetches a share into the workspace, as before a run. */
export interface FetchDefinition extends AnyDefinition {
  readonly action: 'fetch';
  /** Name or id. */
  readonly share: string;
  /** At least 7 digits of the commit that it must have been shared from, or `HEAD` for what is checked out here. */
  readonly commit: string | undefined;
  /** What to write, as `path` above; the name of the share unless given. */
  readonly path: string | undefined;
  /** Whether a file that differs is replaced. */
  readonly overwrite: boolean;
}

export type Definition = ShareDefinition | FetchDefinition;

const longestText = 4096;
const commitForm = /^(HEAD|[0-9a-f]{7,64})$/;

/** What a tasks.json says, which may be anything. @throws {PeerError} `usage`, in words for its author */
export function readDefinition(given: vscode.TaskDefinition): Definition {
  const path = textOf(given, 'path');
  const group = textOf(given, 'group');
  switch (given['action']) {
    case 'share':
      if (path === undefined) throw lacks('path');
      return { action: 'share', group, path };
    case 'fetch': {
      const share = textOf(given, 'share');
      const commit = textOf(given, 'commit');
      if (share === undefined) throw lacks('share');
      if (commit !== undefined && !commitForm.test(commit)) {
        throw wrong(vscode.l10n.t('“commit” is at least 7 digits of a commit, or HEAD.'));
      }
      const overwrite = given['overwrite'] === true;
      return { action: 'fetch', group, share, commit, path, overwrite };
    }
    default:
      throw wrong(vscode.l10n.t('“action” is “share” or “fetch”.'));
  }
}

function textOf(given: vscode.TaskDefinition, name: string): string | undefined {
  const value: unknown = given[name];
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value !== '' && value.length <= longestText) return value;
  throw wrong(vscode.l10n.t('“{0}” has to be a text.', name));
}

function lacks(name: string): LocalError {
  return wrong(vscode.l10n.t('The task lacks “{0}”.', name));
}

function wrong(message: string): LocalError {
  return new LocalError('usage', message);
}
