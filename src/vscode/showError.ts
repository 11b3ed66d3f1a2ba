import * as vscode from 'vscode';
import { PeerError, type ErrorCode } from '../common/errors.js';
import { errorWords } from './errorWords.js';
import type { Group } from './groups/group.js';
import { commandIds, type CommandId } from './ids.js';
import { groupRow } from './views/rows.js';
import { noticeText } from './visibleText.js';

/**
 * Says what went wrong, what to do about it, and offers to do it. Cancelled is no error.
 *
 * @param group in which it was
 */
export async function showError(thrown: unknown, group?: Group): Promise<void> {
  const error = PeerError.from(thrown);
  if (error.code === 'cancelled') return;
  const actions = actionsFor(error.code);
  const chosen = await vscode.window.showErrorMessage(
    noticeText(errorWords(error).join(' ')),
    ...actions.map((action) => action.title),
  );
  const action = actions.find(({ title }) => title === chosen);
  const args = group === undefined ? [] : [groupRow(group)];
  if (action !== undefined) await vscode.commands.executeCommand(action.command, ...args);
}

interface ErrorAction {
  readonly title: string;
  readonly command: CommandId;
}

function actionsFor(code: ErrorCode): readonly ErrorAction[] {
  const log = { title: vscode.l10n.t('Show Log'), command: commandIds.showLog };
  const invite = { title: vscode.l10n.t('Invite a Peer…'), command: commandIds.invitePeer };
  const join = { title: vscode.l10n.t('Join Group…'), command: commandIds.joinGroup };
  switch (code) {
    case 'no-group':
    case 'no-identity':
      return [{ title: vscode.l10n.t('Create Group'), command: commandIds.createGroup }, join];
    case 'invite-invalid':
      return [join];
    case 'too-few-peers':
      return [invite, log];
    case 'not-enough-shards':
    case 'unreachable':
      return [{ title: vscode.l10n.t('Retry Connections'), command: commandIds.connectPeers }, log];
    case 'closed':
      return [{ title: vscode.l10n.t('Start Peer'), command: commandIds.startPeer }, log];
    case 'usage':
    case 'exists':
    case 'not-a-file':
    case 'already-in-group':
      return [];
    default:
      return [log];
  }
}
