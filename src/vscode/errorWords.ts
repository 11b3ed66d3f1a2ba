import * as vscode from 'vscode';
import { PeerError, type ErrorCode, type ErrorInfo } from '../common/errors.js';

/** An error whose words are in the language of the user already: it was made in the editor, not by a peer. */
export class LocalError extends PeerError {}

/**
 * What an error says to the user, as sentences that are not escaped yet. Peers speak English. In another language
 * their code says what kind of failure it is, and their own words follow, for what only they know: names and numbers.
 */
export function errorWords(error: PeerError | ErrorInfo): readonly string[] {
  const { code, message, hint } = error;
  const own = hint === undefined ? [message] : [message, hint];
  if (error instanceof LocalError || isEnglish()) return own;
  return [codeWords(code), `(${own.join(' ')})`];
}

/** One sentence for each reason to fail. */
function codeWords(code: ErrorCode): string {
  switch (code) {
    case 'usage':
      return vscode.l10n.t('That does not work like this.');
    case 'ambiguous':
      return vscode.l10n.t('Several shares answer to this name.');
    case 'not-found':
      return vscode.l10n.t('It was not found.');
    case 'no-group':
      return vscode.l10n.t('This machine belongs to no group yet.');
    case 'already-in-group':
      return vscode.l10n.t('This machine is in a group already.');
    case 'no-identity':
      return vscode.l10n.t('This machine has no identity yet.');
    case 'too-few-peers':
      return vscode.l10n.t('Too few peers are online, or have room.');
    case 'not-enough-shards':
      return vscode.l10n.t('Too few holders can be reached to put the file together.');
    case 'integrity':
      return vscode.l10n.t('What came back is damaged or was changed, and was not used.');
    case 'not-trusted':
      return vscode.l10n.t('This is not trusted.');
    case 'invite-invalid':
      return vscode.l10n.t('The invite is unknown, was used, or has expired.');
    case 'exists':
      return vscode.l10n.t('There is something of this name already.');
    case 'source-changed':
      return vscode.l10n.t('The file changed while it was shared. Nothing was shared.');
    case 'secrets':
      return vscode.l10n.t('It looks like a secret, and nobody said that it is meant.');
    case 'not-a-file':
      return vscode.l10n.t('This is not a file.');
    case 'disk-full':
      return vscode.l10n.t('The disk is full.');
    case 'quota':
      return vscode.l10n.t('A peer lends no more room.');
    case 'disk':
      return vscode.l10n.t('The disk could not be read or written.');
    case 'limit':
      return vscode.l10n.t('This is more than the limits allow.');
    case 'protocol':
      return vscode.l10n.t('A peer answered in a way that makes no sense.');
    case 'timeout':
      return vscode.l10n.t('There was no answer in time.');
    case 'closed':
      return vscode.l10n.t('The peer, or the connection to it, has gone away.');
    case 'unreachable':
      return vscode.l10n.t('Nobody answers there.');
    case 'in-use':
      return vscode.l10n.t('The data directory or the port is in use already.');
    case 'cancelled':
      return vscode.l10n.t('It was cancelled.');
    case 'unsupported':
      return vscode.l10n.t('This version cannot do that.');
    case 'internal':
      return vscode.l10n.t('Something went wrong inside. The log says more.');
  }
}

/** Whether the editor speaks the language of the peer’s own words. */
export function isEnglish(): boolean {
  return /^en\b/i.test(vscode.env.language);
}
