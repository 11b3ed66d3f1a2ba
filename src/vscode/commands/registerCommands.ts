import * as vscode from 'vscode';
import type { Disposable } from '../../common/disposable.js';
import type { Group } from '../groups/group.js';
import { showError } from '../showError.js';
import { inGroup, type MachineContext } from './command.js';
import { groupCommands, machineCommands } from './commandTable.js';
import { groupFor } from './groupFor.js';

/** Registers the whole table; a command that fails tells the user why. */
export function registerCommands(context: MachineContext): Disposable[] {
  const told = async (id: string, run: () => Promise<void>, group?: Group): Promise<void> => {
    try {
      await run();
    } catch (error) {
      context.log.warn(`${id} failed`, error);
      void showError(error, group);
    }
  };
  const { registerCommand } = vscode.commands;
  return [
    ...Object.entries(machineCommands).map(([id, command]) =>
      registerCommand(id, (...args: unknown[]) => told(id, () => command(context, ...args))),
    ),
    ...Object.entries(groupCommands).map(([id, command]) =>
      registerCommand(id, (...args: unknown[]) =>
        told(id, async () => {
          const group = await groupFor(context.groups, args);
          if (group === undefined) return;
          await told(id, () => command(inGroup(context, group), ...args), group);
        }),
      ),
    ),
  ];
}
