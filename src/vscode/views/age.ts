import * as vscode from 'vscode';
import { formatDuration } from '../format.js';

/** How long ago something was, in words. @param then,now milliseconds since 1970 */
export function age(then: number, now: number): string {
  return now - then < 60_000
    ? vscode.l10n.t('just now')
    : vscode.l10n.t('{0} ago', formatDuration(now - then));
}
