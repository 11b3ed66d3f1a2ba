import * as vscode from 'vscode';
import { inviteLinkUrl } from '../../common/links.js';
import type { InviteResult } from '../../control/contract.js';
import { requireGroup } from '../commands/requireGroup.js';
import { formatDuration } from '../format.js';
import type { PeerSession } from '../peerSession.js';
import { noticeText } from '../visibleText.js';

/** A one-time invite. Its code and its link are secrets: shown to the user, never logged or kept. */
export interface NewInvite extends InviteResult {
  /** Opens the editor of whoever has it. */
  readonly link: string;
  /** For whom, for how long, and where from, in words. */
  readonly bounds: string;
}

/** @throws {PeerError} `no-group`, `not-trusted` for who may not invite */
export async function newInvite(session: PeerSession): Promise<NewInvite> {
  const client = await requireGroup(session);
  const invite = await client.request('invite', {}, AbortSignal.timeout(15_000));
  return {
    ...invite,
    link: inviteLinkUrl(vscode.env.uriScheme, invite.code),
    bounds: vscode.l10n.t(
      'Good for one machine, for {0}, while this one is online at {1}.',
      formatDuration(invite.expiresAt - Date.now()),
      noticeText(invite.addresses.join(', ')),
    ),
  };
}

/** Copies an invite in one of its forms. */
export async function copyInvite(secret: string): Promise<void> {
  await vscode.env.clipboard.writeText(secret);
  void vscode.window.showInformationMessage(
    vscode.l10n.t('Copied the invite. Give it to one person you trust: it opens the group.'),
  );
}
