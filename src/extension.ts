import path from 'node:path';
import * as vscode from 'vscode';
import type { AttachOptions, ControlClient } from './control/contract.js';
import { PeerError } from './common/errors.js';
import { registerCommands } from './vscode/commands/registerCommands.js';
import { trackContextKeys } from './vscode/contextKeys.js';
import { commandIds, section, type CommandId } from './vscode/ids.js';
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
  startsWithEditor,
} from './vscode/settings.js';
import { SharedFileSystem } from './vscode/shared/sharedFileSystem.js';
import { StopNoteFile } from './vscode/stopNote.js';
import { taskType } from './vscode/tasks/definition.js';
import { TransferTasks } from './vscode/tasks/taskProvider.js';
import { Views } from './vscode/views/views.js';

/** What in-host tests get; nobody else gets anything. */
export interface TestAccess {
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
  const session = new PeerSession({
    attach: attachLazily,
    target: () => ({
      dataDir: dataDirectory(),
      runtimeDir: path.join(context.extensionPath, 'dist'),
    }),
    settings: explicitPeerSettings,
    stopNote: new StopNoteFile(context.globalStorageUri.fsPath),
    log,
  });
  const views = new Views(session, log);
  const shared = new SharedFileSystem(session);
  const dist = vscode.Uri.joinPath(context.extensionUri, 'dist');
  const maps = new Maps({
    ...{ session, log, transfers: views.transferLog },
    folder: dist,
    act: (action, share) => {
      void vscode.commands.executeCommand(mapCommands[action], share);
    },
  });
  const settings = vscode.workspace.onDidChangeConfiguration((event) => {
    if (!event.affectsConfiguration(section)) return;
    applySettings(session, event).catch((error: unknown) => {
      log.error(`The changed settings did not reach the peer: ${PeerError.from(error).message}`);
    });
  });
  const commandContext = { session, views, shared, maps, log };
  context.subscriptions.push(
    channel,
    session,
    views,
    maps,
    settings,
    shared,
    shared.register(),
    new PeekEditor(session, shared, dist).register(),
    offerOtherPort(session),
    ...trackContextKeys(session),
    ...registerCommands(commandContext),
    vscode.tasks.registerTaskProvider(taskType, new TransferTasks(session)),
    vscode.window.registerUriHandler(new LinkHandler(commandContext)),
  );
  if (startsWithEditor()) session.wake();
  return context.extensionMode === vscode.ExtensionMode.Test ? { session, views, maps } : undefined;
}

/** The peer is a process of its own and lives on as it promised; the channel to it closes by itself. */
export function deactivate(): void {
  // Everything that runs here is in `context.subscriptions`.
}

async function applySettings(
  session: PeerSession,
  event: vscode.ConfigurationChangeEvent,
): Promise<void> {
  if (event.affectsConfiguration(`${section}.dataDirectory`)) await session.restart();
  else await session.configure(changedPeerSettings(event));
  if (event.affectsConfiguration(`${section}.startWithEditor`) && startsWithEditor())
    session.wake();
}

/** The channel's code is loaded when it is first needed, which keeps activation light. */
async function attachLazily(options: AttachOptions): Promise<ControlClient> {
  const { attach } = await import('./control/attach.js');
  return attach(options);
}
