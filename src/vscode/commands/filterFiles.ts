import * as vscode from 'vscode';
import { viewIds } from '../ids.js';
import type { MachineCommand } from './command.js';

const longest = 255;

/** Shows in the Files view only files whose names have a text; the peer looks through all of them. */
export const filterFiles: MachineCommand = async ({ views }, argument) => {
  const text =
    typeof argument === 'string'
      ? argument.slice(0, longest)
      : await vscode.window.showInputBox({
          title: vscode.l10n.t('Filter Files'),
          prompt: vscode.l10n.t('A part of the name; empty shows all files'),
          value: views.files.filter,
          validateInput: (value) =>
            value.length > longest ? vscode.l10n.t('At most {0} characters.', longest) : undefined,
        });
  if (text === undefined) return;
  views.files.setFilter(text);
  await vscode.commands.executeCommand(`${viewIds.files}.focus`);
};
