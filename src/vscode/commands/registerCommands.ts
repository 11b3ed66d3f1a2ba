import * as vscode from 'vscode';
import type { Disposable } from '../../common/disposable.js';
import { showError } from '../showError.js';
import type { CommandContext } from './command.js';
import { commandTable } from './commandTable.js';

/** Registers the whole table; a command that fails tells the user why. */
export function registerCommands(context: CommandContext): Disposable[] {
  return Object.entries(commandTable).map(([id, command]) =>
    vscode.commands.registerCommand(id, async (...args: unknown[]) => {
      try {
        await command(context, ...args);
      } catch (error) {
        context.log.warn(`${id} failed`, error);
        void showError(error);
      }
    }),
  );
}
