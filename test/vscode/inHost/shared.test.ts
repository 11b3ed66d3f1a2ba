import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import * as vscode from 'vscode';
import type { ShareInfo } from '../../../src/control/contract.js';
import { commandIds, peekEditorType, sharedScheme } from '../../../src/vscode/ids.js';
import type { HostMessage } from '../../../src/vscode/peek/messages.js';
import { PeekTalk } from '../../../src/vscode/peek/peekTalk.js';
import { SharedSource } from '../../../src/vscode/peek/sharedSource.js';
import { fileOfShare } from '../../../src/vscode/shared/sharedFile.js';
import { openLimit } from '../../../src/vscode/shared/sharedFileSystem.js';
import { sharedUri } from '../../../src/vscode/shared/sharedUri.js';
import { access, eventually, scratch } from './host.js';

const { fs } = vscode.workspace;

async function shared(name: string): Promise<ShareInfo> {
  const { session } = await access();
  const uri = vscode.Uri.file(scratch(name));
  await vscode.commands.executeCommand(commandIds.shareFile, uri, [uri]);
  const client = await session.client();
  return eventually(`${name} to be shared`, [session.onDidChange], () =>
    client.request('find', { share: name }).catch(() => undefined),
  );
}

function failsWith(code: string): (error: unknown) => boolean {
  return (error) => error instanceof vscode.FileSystemError && error.code === code;
}

describe('shared files, opened without a download', () => {
  let file: ShareInfo;
  let folder: ShareInfo;
  before(async () => {
    writeFileSync(scratch('poem.txt'), 'roses\r\n\0violets\n');
    mkdirSync(scratch('shelf', 'novels'), { recursive: true });
    writeFileSync(scratch('shelf', 'index.md'), '# Shelf\n');
    writeFileSync(scratch('shelf', 'novels', 'one.txt'), 'once');
    file = await shared('poem.txt');
    folder = await shared('shelf');
    rmSync(scratch('poem.txt'));
    rmSync(scratch('shelf'), { recursive: true });
  });
  after(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  it('are read byte for byte, and say that nothing can be written', async () => {
    const uri = sharedUri(file);
    assert.equal(Buffer.from(await fs.readFile(uri)).toString(), 'roses\r\n\0violets\n');
    const stat = await fs.stat(uri);
    assert.deepEqual([stat.type, stat.size], [vscode.FileType.File, 16]);
    assert.equal(stat.permissions, vscode.FilePermission.Readonly);
    assert.equal(fs.isWritableFileSystem(sharedScheme), false);
    await assert.rejects(async () => fs.writeFile(uri, new Uint8Array(1)));
    await assert.rejects(async () => fs.delete(uri));
  });

  it('of a folder are listed and read by their paths', async () => {
    const { Directory, File } = vscode.FileType;
    assert.deepEqual((await fs.readDirectory(sharedUri(folder))).sort(), [
      ['index.md', File],
      ['novels', Directory],
    ]);
    const novel = sharedUri(folder, 'novels/one.txt');
    assert.equal(Buffer.from(await fs.readFile(novel)).toString(), 'once');
    assert.equal((await fs.stat(sharedUri(folder, 'novels'))).type, Directory);
    assert.deepEqual(await fs.readDirectory(vscode.Uri.joinPath(sharedUri(folder), '..')), [
      ['shelf', Directory],
    ]);
    await assert.rejects(async () => fs.readFile(sharedUri(folder)), failsWith('FileIsADirectory'));
  });

  it('are found by their id and their own name only', async () => {
    const { shareId } = file;
    const wrong = [
      sharedUri({ shareId, name: 'prose.txt' }),
      sharedUri({ shareId, name: '../poem.txt' }),
      sharedUri({ shareId: 'f'.repeat(32), name: 'poem.txt' }),
      sharedUri(folder, 'novels/two.txt'),
      sharedUri(folder, 'novels/../index.md/..'),
      vscode.Uri.parse(`${sharedScheme}://poem.txt/poem.txt`),
      vscode.Uri.parse(`${sharedScheme}:/poem.txt`),
    ];
    for (const uri of wrong) {
      await assert.rejects(async () => fs.stat(uri), failsWith('FileNotFound'), uri.toString());
    }
  });

  it('that are too large are refused, and never by chance read', async () => {
    writeFileSync(scratch('huge.bin'), new Uint8Array(openLimit + 1));
    const huge = await shared('huge.bin');
    rmSync(scratch('huge.bin'));
    await assert.rejects(async () => fs.readFile(sharedUri(huge)), failsWith('Unavailable'));
  });

  it('are opened by the command, and looked into by the other', async () => {
    await vscode.commands.executeCommand(commandIds.openFile, 'poem.txt');
    await eventually('the text', [vscode.window.tabGroups.onDidChangeTabs], () => {
      const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
      return input instanceof vscode.TabInputText && input.uri.scheme === sharedScheme
        ? true
        : undefined;
    });
    await vscode.commands.executeCommand(commandIds.peekFile, 'poem.txt');
    await eventually('the peek', [vscode.window.tabGroups.onDidChangeTabs], () => {
      const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
      return input instanceof vscode.TabInputCustom && input.viewType === peekEditorType
        ? true
        : undefined;
    });
  });

  it('answer the page of a peek also when it asks for what no page may', async () => {
    const { session } = await access();
    const said: HostMessage[] = [];
    const source = new SharedSource(session, fileOfShare(file));
    const talk = new PeekTalk(source, (message) => said.push(message));
    talk.hear({ type: 'move', mode: 'text', rows: 40, top: 0, by: 1e9 });
    talk.dispose();
    assert.deepEqual(said, [{ type: 'idle', text: '', isProblem: false }]);
  });

  it('are compared with the local file of the same path', async () => {
    writeFileSync(scratch('poem.txt'), 'roses\r\nviolets\n');
    const local = vscode.Uri.file(scratch('poem.txt'));
    await vscode.commands.executeCommand(commandIds.compareFile, local);
    const { original, modified } = await eventually(
      'both sides',
      [vscode.window.tabGroups.onDidChangeTabs],
      () => {
        const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
        return input instanceof vscode.TabInputTextDiff ? input : undefined;
      },
    );
    assert.equal(original.toString(), sharedUri(file).toString());
    assert.equal(modified.toString(), local.toString());
  });
});
