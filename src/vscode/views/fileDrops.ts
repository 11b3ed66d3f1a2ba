import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { LocalError } from '../errorWords.js';
import { commandIds } from '../ids.js';
import { showError } from '../showError.js';
import { visibleText } from '../visibleText.js';
import type { AnyRow } from './rows.js';

/** Files that come as bytes, without a place on this machine's disk, are held in memory on their way. */
const mostBytes = 256 * 1024 * 1024;

/**
 * Dropping files shares them: onto a row with the group that it is of, onto a peer with that one first. They come from the
 * Explorer, or from outside; where the editor runs in a browser, those have no path here.
 */
export class FileDrops<R extends AnyRow> implements vscode.TreeDragAndDropController<R> {
  readonly dropMimeTypes = ['text/uri-list', 'files'];
  readonly dragMimeTypes: readonly string[] = [];

  async handleDrop(target: R | undefined, data: vscode.DataTransfer): Promise<void> {
    const uris = await droppedUris(data);
    if (uris.length > 0) return share(target, uris);
    const files = [...data].map(([, item]) => item.asFile()).filter((file) => file !== undefined);
    if (files.length > 0) await shareCopies(target, files);
  }
}

async function droppedUris(data: vscode.DataTransfer): Promise<vscode.Uri[]> {
  const list = await data.get('text/uri-list')?.asString();
  return (list ?? '')
    .split(/\r?\n/)
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => vscode.Uri.parse(line, true));
}

async function share(target: AnyRow | undefined, uris: readonly vscode.Uri[]): Promise<void> {
  await (target?.type === 'peer'
    ? vscode.commands.executeCommand(commandIds.shareToPeers, target, [target], uris)
    : vscode.commands.executeCommand(commandIds.shareFile, target ?? uris[0], uris));
}

/** Puts the bytes where the peer process can read them, for as long as it does. */
async function shareCopies(
  target: AnyRow | undefined,
  files: readonly vscode.DataTransferFile[],
): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'chunk-partitioner-drop-'));
  try {
    const uris: vscode.Uri[] = [];
    for (const [at, file] of files.entries()) {
      uris.push(file.uri ?? (await copy(file, path.join(folder, String(at)))));
    }
    await share(target, uris);
  } catch (error) {
    void showError(error);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function copy(file: vscode.DataTransferFile, folder: string): Promise<vscode.Uri> {
  const name = path.basename(file.name);
  const bytes = await file.data();
  if (bytes.byteLength > mostBytes) {
    throw new LocalError(
      'limit',
      vscode.l10n.t('{0} is too large to be dropped from outside.', visibleText(name)),
      {
        hint: vscode.l10n.t(
          'Copy it to the machine that the editor works on, and share it from there.',
        ),
      },
    );
  }
  const target = path.join(folder, name);
  await mkdir(folder);
  await writeFile(target, bytes, { flag: 'wx' });
  return vscode.Uri.file(target);
}
