import * as vscode from 'vscode';
import { PeerError } from '../../common/errors.js';
import { noticeText } from '../visibleText.js';

/**
 * Shares; where the peer withholds what looks like a secret, asks whether it is meant, with its names, and shares it then.
 *
 * @param name of what is shared, to be shown
 * @returns undefined when it is not meant. @throws as `share`
 */
export async function askSecrets<T>(
  name: string,
  share: (allowSecrets: boolean) => Promise<T>,
): Promise<T | undefined> {
  try {
    return await share(false);
  } catch (error) {
    if (!PeerError.is(error, 'secrets')) throw error;
    return (await isMeant(name, error)) ? await share(true) : undefined;
  }
}

async function isMeant(name: string, { details }: PeerError): Promise<boolean> {
  const names = Array.isArray(details?.['names'])
    ? details['names'].filter((one) => typeof one === 'string')
    : [];
  const more = Number(details?.['count']) - names.length;
  const share = vscode.l10n.t('Share All the Same');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t('{0} has what looks like passwords or private keys. Share it?', name),
    {
      modal: true,
      detail: [
        ...names.map((one) => `• ${noticeText(one)}`),
        ...(more > 0 ? [vscode.l10n.t('and {0} more', more)] : []),
        '',
        vscode.l10n.t(
          'Everybody in the group can read what is shared. Sharing can be stopped, but nothing brings back what others have fetched. A rule in .gitignore leaves files of a folder out.',
        ),
      ].join('\n'),
    },
    share,
  );
  return answer === share;
}
