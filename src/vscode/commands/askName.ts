import { hostname } from 'node:os';
import * as vscode from 'vscode';

const longestName = 64;

/** Asks for a short name; undefined when the user leaves. */
export function askName(
  title: string,
  prompt: string,
  value: string,
): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title,
    prompt,
    value,
    ignoreFocusOut: true,
    validateInput: (text) => {
      if (text.trim() === '') return vscode.l10n.t('Enter a name.');
      if (text.trim().length > longestName) {
        return vscode.l10n.t('At most {0} characters.', longestName);
      }
      return /[\p{Cc}\p{Cf}]/u.test(text)
        ? vscode.l10n.t('Use visible characters only.')
        : undefined;
    },
  });
}

/** Asks how this machine is called in the group. */
export function askOwnName(title: string): Thenable<string | undefined> {
  return askName(
    title,
    vscode.l10n.t('Name of this machine, as the others will see it'),
    hostname().slice(0, longestName),
  );
}

/** A text member of an argument that another extension may have given. */
export function textMember(value: unknown, key: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const member: unknown = Reflect.get(value, key);
  return typeof member === 'string' && member !== '' ? member : undefined;
}
