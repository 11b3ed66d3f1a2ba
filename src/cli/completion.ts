import addCompletion from '@bomb.sh/tab/commander';
import type { Command } from 'commander';

const name = 'completion';

/**
 * Adds `completion SHELL`, which prints a script for the shell, and the hidden `complete`, which that script
 * calls at every press of the tab key. Both print to the process's own stdout.
 */
export function addCompletionVerbs(program: Command): void {
  addCompletion(program, { completionCommandName: name });
  program.commands
    .find((command) => command.name() === name)
    ?.description('print a script for tab completion: bash, zsh, fish or powershell');
}
