import * as vscode from 'vscode';
import { LocalError } from '../errorWords.js';
import type { Groups } from '../groups/groups.js';
import { readDefinition, taskType } from './definition.js';
import { fetchTask } from './fetchTask.js';
import { shareTask } from './shareTask.js';
import { taskGroup } from './taskGroup.js';
import { TaskTerminal } from './taskTerminal.js';

/** Tasks that a tasks.json names: to share after a build, to fetch before a run. None are proposed. */
export class TransferTasks implements vscode.TaskProvider {
  constructor(private readonly groups: Groups) {}

  provideTasks(): vscode.Task[] {
    return [];
  }

  resolveTask(task: vscode.Task): vscode.Task | undefined {
    if (!vscode.workspace.isTrusted) return undefined;
    const scope = task.scope ?? vscode.TaskScope.Workspace;
    const execution = new vscode.CustomExecution((resolved) => {
      const terminal = new TaskTerminal(async (output, signal) => {
        // Variables are put in by now.
        const definition = readDefinition(resolved);
        const folder = folderOf(scope);
        const { session } = await taskGroup(this.groups, definition);
        if (definition.action === 'share') {
          await shareTask(session, folder, definition, output, signal);
        } else await fetchTask(session, folder, definition, output, signal);
      });
      return Promise.resolve(terminal);
    });
    // The definition has to stay the same object: the editor finds the task by it.
    const { definition, name } = task;
    // No matchers: else the editor asks how to look for problems in what a transfer says.
    return new vscode.Task(definition, scope, name, taskType, execution, []);
  }
}

/** Where the paths of a task are meant from. @throws {PeerError} `unsupported`, `not-trusted` */
function folderOf(scope: vscode.WorkspaceFolder | vscode.TaskScope): string {
  if (!vscode.workspace.isTrusted) {
    throw new LocalError('not-trusted', vscode.l10n.t('Tasks run in trusted workspaces only.'));
  }
  const folder = typeof scope === 'object' ? scope : vscode.workspace.workspaceFolders?.[0];
  if (folder?.uri.scheme === 'file') return folder.uri.fsPath;
  throw new LocalError('unsupported', vscode.l10n.t('Tasks need a folder on this machine’s disk.'));
}
