import path from 'node:path';
import * as vscode from 'vscode';
import type { AttachOptions, ControlClient } from './control/contract.js';
import { PeerError } from './common/errors.js';
import { registerCommands } from './vscode/commands/registerCommands.js';
import { trackContextKeys } from './vscode/contextKeys.js';
import { groupDirectories } from './vscode/groups/directories.js';
import { Group } from './vscode/groups/group.js';
import { Groups } from './vscode/groups/groups.js';
import { commandIds, section, type CommandId, type SettingKey } from './vscode/ids.js';
import { LinkHandler } from './vscode/links/linkHandler.js';
import { Maps } from './vscode/map/maps.js';
import type { MapAction } from './vscode/map/messages.js';
import { offerOtherPort } from './vscode/offerOtherPort.js';
import { outputLogger } from './vscode/output.js';
import { PeekEditor } from './vscode/peek/peekEditor.js';
import { PeerSession } from './vscode/peerSession.js';
import {
  changedPeerSettings,
  dataDirectory,
  explicitPeerSettings,
  furtherGroups,
  startsWithEditor,
} from './vscode/settings.js';
import { SharedFileSystem } from './vscode/shared/sharedFileSystem.js';
import { StopNoteFile } from './vscode/stopNote.js';
import { taskType } from './vscode/tasks/definition.js';
import { TransferTasks } from './vscode/tasks/taskProvider.js';
import { Views } from './vscode/views/views.js';

/** What in-host tests get; nobody else gets anything. */
export interface TestAccess {
  readonly groups: Groups;
  /** With the peer of the first group. */
  readonly session: PeerSession;
  readonly views: Views;
  readonly maps: Maps;
}

/** What the chunk map's actions run. */
const mapCommands: Readonly<Record<MapAction, CommandId>> = {
  verify: commandIds.verifyFile,
  repair: commandIds.repairFile,
  download: commandIds.downloadFile,
};

/** Composition root for VS Code. Starts no peer unless the user said so: the first view or command does. */
export function activate(context: vscode.ExtensionContext): TestAccess | undefined {
  const channel = vscode.window.createOutputChannel('Chunk Partitioner', { log: true });
  const log = outputLogger(channel);
  const isFirst = (directory: string): boolean => groups.first.directory === directory;
  const openSession = (directory: string): PeerSession =>
    new PeerSession({
      attach: attachLazily,
      target: () => ({
        dataDir: directory,
        runtimeDir: path.join(context.extensionPath, 'dist'),
      }),
      settings: () => explicitPeerSettings(isFirst(directory)),
      stopNote: new StopNoteFile(context.globalStorageUri.fsPath, directory),
      log,
    });
  const groups = new Groups({
    directories: () => {
      const { directories, refused } = groupDirectories(dataDirectory(), furtherGroups());
      for (const one of refused) log.warn('Left out of the setting furtherGroups:', one);
      return directories;
    },
    open: (directory) => new Group(directory, openSession(directory), log),
  });
  const views = new Views(groups, log);
  const shared = new SharedFileSystem(groups);
  const dist = vscode.Uri.joinPath(context.extensionUri, 'dist');
  const maps = new Maps(groups, {
    log,
    folder: dist,
    act: (action, share) => {
      void vscode.commands.executeCommand(mapCommands[action], share);
    },
  });
  const settings = vscode.workspace.onDidChangeConfiguration((event) => {
    if (!event.affectsConfiguration(section)) return;
    applySettings(groups, event).catch((error: unknown) => {
      log.error(`The changed settings did not reach the peer: ${PeerError.from(error).message}`);
    });
  });
  const machine = { groups, views, shared, maps, log };
  context.subscriptions.push(
    channel,
    groups,
    views,
    maps,
    settings,
    shared,
    shared.register(),
    new PeekEditor(shared, dist).register(),
    groups.each(({ session }) => offerOtherPort(session)),
    ...trackContextKeys(groups),
    ...registerCommands(machine),
    vscode.tasks.registerTaskProvider(taskType, new TransferTasks(groups)),
    vscode.window.registerUriHandler(new LinkHandler(machine)),
  );
  if (startsWithEditor()) groups.wake();
  return context.extensionMode === vscode.ExtensionMode.Test
    ? testAccess(groups, views, maps)
    : undefined;
}

/** Peers are processes of their own and live on as they promised; the channels to them close by themselves. */
export function deactivate(): void {
  // Everything that runs here is in `context.subscriptions`.
}

/** The first group is another one once the settings say so. */
function testAccess(groups: Groups, views: Views, maps: Maps): TestAccess {
  return {
    ...{ groups, views, maps },
    get session() {
      return groups.first.session;
    },
  };
}

async function applySettings(
  groups: Groups,
  event: vscode.ConfigurationChangeEvent,
): Promise<void> {
  const { first } = groups;
  const names = ['dataDirectory', 'furtherGroups'] as const satisfies readonly SettingKey[];
  if (names.some((key) => event.affectsConfiguration(`${section}.${key}`))) groups.follow();
  // One that was beside the first, and takes its place.
  if (first !== groups.first) await groups.first.session.configure();
  const sent = groups.all.map((group) =>
    group.session.configure(changedPeerSettings(event, group === groups.first)),
  );
  if (event.affectsConfiguration(`${section}.startWithEditor`) && startsWithEditor()) groups.wake();
  await Promise.all(sent);
}

/** The channel's code is loaded when it is first needed, which keeps activation light. */
async function attachLazily(options: AttachOptions): Promise<ControlClient> {
  const { attach } = await import('./control/attach.js');
  return attach(options);
}
