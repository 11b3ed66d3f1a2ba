import * as vscode from 'vscode';
import { commandIds } from '../ids.js';
import type { FilesRow } from './rows.js';

/** Dropping files onto the Files view shares them. */
export class FileDrops implements vscode.TreeDragAndDropController<FilesRow> {
  readonly dropMimeTypes = ['text/uri-list'];
  readonly dragMimeTypes: readonly string[] = [];

  async handleDrop(_target: FilesRow | undefined, data: vscode.DataTransfer): Promise<void> {
    const list = await data.get('text/uri-list')?.asString();
    const uris = (list ?? '')
      .split(/\r?\n/)
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => vscode.Uri.parse(line, true));
    if (uris.length === 0) return;
    await vscode.commands.executeCommand(commandIds.shareFile, uris[0], uris);
  }
}
