import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { commandIds } from '../../../src/vscode/ids.js';
import type { FileRow, RunRow } from '../../../src/vscode/views/rows.js';
import { access, eventually, refuseQuickInput, rowTexts, scratch, setSetting } from './host.js';

async function fileRow(name: string): ReturnType<typeof find> {
  const { session } = await access();
  return eventually(`${name} in the tree`, [session.onDidChange], () => find(name));
}

async function find(
  name: string,
): Promise<{ row: FileRow; item: vscode.TreeItem; description: string }> {
  const { views } = await access();
  const found = (await rowTexts(views.files)).find(({ label }) => label === name);
  if (found?.row.type !== 'file') return undefined as never;
  return { ...found, row: found.row };
}

function newFile(name: string, size: number): vscode.Uri {
  const file = scratch(name);
  writeFileSync(file, randomBytes(size));
  return vscode.Uri.file(file);
}

describe('files', () => {
  it('are shared from a selection in the Explorer, each with its fate in words', async () => {
    const [one, two] = [newFile('core dump.bin', 3_000_000), newFile('ログ', 700)];
    await vscode.commands.executeCommand(commandIds.shareFile, one, [one, two]);
    const { item, description, row } = await fileRow('core dump.bin');
    assert.match(description, /^3\.0 MB · survives any 2 leaving/);
    assert.equal(item.contextValue, 'file');
    assert.ok(item.accessibilityInformation?.label.includes('survives any 2 leaving'));
    assert.equal(row.share.size, 3_000_000);
    assert.match((await fileRow('ログ')).description, /^700 B/);
  });

  it('are shared from the palette: the active editor’s file', async () => {
    const uri = vscode.Uri.file(scratch('notes.md'));
    writeFileSync(uri.fsPath, 'Walk the dog.\n');
    await vscode.window.showTextDocument(uri);
    await vscode.commands.executeCommand(commandIds.shareFile);
    await fileRow('notes.md');
  });

  it('show which holder keeps which chunks, without gap or overlap', async () => {
    const { views } = await access();
    const { row } = await fileRow('core dump.bin');
    const runs = await rowTexts(views.files, row);
    const parts = runs.map((run) => run.row as RunRow).sort((a, b) => a.run.first - b.run.first);
    let next = 0;
    for (const { run } of parts) {
      assert.equal(run.first, next);
      next = run.last + 1;
    }
    assert.equal(next, parts[0]?.chunks);
    assert.equal(new Set(parts.map(({ run }) => run.nodeId)).size, 4);
    assert.match(runs[0]?.description ?? '', /^chunks 0–[\d,]+ \(25%\) · data · online$/);
  });

  afterEach(() => setSetting('groupFilesBy', undefined));

  it('stand under the commit that they were shared from, the folder they lay in, or who shared them', async () => {
    const { views, session } = await access();
    const repository = scratch('repository');
    mkdirSync(path.join(repository, 'build', 'out'), { recursive: true });
    const git = (...args: readonly string[]): string => {
      const who = ['-c', 'user.name=alice', '-c', 'user.email=alice@example.com'];
      return execFileSync('git', ['-C', repository, ...who, ...args], { encoding: 'utf8' }).trim();
    };
    git('init', '--quiet', '--initial-branch', 'main');
    const tracked = newFile('repository/build/out/tracked.bin', 900);
    git('add', '.');
    git('commit', '--quiet', '--message', 'First');
    const short = git('rev-parse', 'HEAD').slice(0, 8);
    await vscode.commands.executeCommand(commandIds.shareFile, tracked);
    await fileRow('tracked.bin');
    const shown = async (): Promise<readonly (readonly [string, readonly string[]])[]> =>
      await Promise.all(
        (await rowTexts(views.files)).map(
          async ({ label, row }) =>
            [label, (await rowTexts(views.files, row)).map((below) => below.label)] as const,
        ),
      );
    // The view reads it by itself; whether before or after it is looked at here is not told.
    for (const { row } of await rowTexts(views.files)) {
      assert.ok(row.type === 'file');
      assert.notEqual(await row.group.git.read(row.share.shareId), undefined);
    }
    await setSetting('groupFilesBy', 'commit');
    const sections = await shown();
    assert.deepEqual(sections[0], [`main ${short}`, ['tracked.bin']]);
    assert.equal(sections[1]?.[0], 'Outside of a repository');
    assert.deepEqual(sections[1][1].toSorted(), ['core dump.bin', 'notes.md', 'ログ']);
    await setSetting('groupFilesBy', 'folder');
    const folders = await shown();
    assert.deepEqual(folders[0], ['build/out', ['tracked.bin']]);
    assert.deepEqual(folders[1], sections[1]);
    await setSetting('groupFilesBy', 'sharer');
    const [own, ...more] = await shown();
    assert.equal(own?.[1].length, 4);
    assert.deepEqual(more, []);
    await setSetting('groupFilesBy', undefined);
    assert.equal((await rowTexts(views.files)).length, 4);
    const { row } = await fileRow('tracked.bin');
    await session.client().then((client) => client.request('delete', { share: row.share.shareId }));
  });

  it('are verified by their holders, who give their word', async () => {
    const { session } = await access();
    const { row } = await fileRow('core dump.bin');
    await vscode.commands.executeCommand(commandIds.verifyFile, row);
    await eventually('the report', [session.onDidChange], async () =>
      (await find('core dump.bin')).description.includes('reported whole') ? true : undefined,
    );
  });

  it('are downloaded, byte for byte, and then proved', async () => {
    const { groups } = await access();
    const { row } = await fileRow('core dump.bin');
    const target = vscode.Uri.file(scratch('copy.bin'));
    await vscode.commands.executeCommand(commandIds.downloadFile, row, target);
    assert.deepEqual(readFileSync(target.fsPath), readFileSync(scratch('core dump.bin')));
    await eventually('the proof', [groups.first.transfers.onDidChange], async () =>
      (await find('core dump.bin')).description.includes('proved') ? true : undefined,
    );
  });

  it('never replace an existing file unasked', async () => {
    const target = vscode.Uri.file(scratch('precious.txt'));
    writeFileSync(target.fsPath, 'precious');
    await refuseQuickInput(
      vscode.commands.executeCommand(commandIds.downloadFile, 'core dump.bin', target),
    );
    assert.equal(readFileSync(target.fsPath, 'utf8'), 'precious');
  });

  it('stay shared as long as nobody says yes to the question', async () => {
    const { row } = await fileRow('core dump.bin');
    await vscode.commands.executeCommand(commandIds.deleteShare, row);
    assert.equal((await fileRow('core dump.bin')).row.share.shareId, row.share.shareId);
  });

  it('of unknown name leave no trace', async () => {
    const target = vscode.Uri.file(scratch('ghost.bin'));
    await vscode.commands.executeCommand(commandIds.downloadFile, 'no such file', target);
    await assert.rejects(async () => vscode.workspace.fs.stat(target));
  });

  it('are read again on Refresh', async () => {
    await vscode.commands.executeCommand(commandIds.refreshViews);
    await fileRow('notes.md');
  });

  it('fit on one page, and more on the next', async () => {
    const { views } = await access();
    await vscode.commands.executeCommand(commandIds.loadMoreFiles);
    assert.equal((await rowTexts(views.files)).length, 3);
  });
});
