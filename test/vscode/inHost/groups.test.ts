import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import * as vscode from 'vscode';
import type { Group } from '../../../src/vscode/groups/group.js';
import { commandIds } from '../../../src/vscode/ids.js';
import type { MapPanel } from '../../../src/vscode/map/mapPanel.js';
import type { HostMessage } from '../../../src/vscode/map/messages.js';
import { sharedUri } from '../../../src/vscode/shared/sharedUri.js';
import { groupRow, type FileRow, type GroupRow } from '../../../src/vscode/views/rows.js';
import {
  acceptQuickInput,
  access,
  environment,
  eventually,
  rowTexts,
  scratch,
  setSetting,
} from './host.js';
import { fetchTask } from './results.js';
import { machineWords } from '../../../src/vscode/views/machine.js';

type Shown = Extract<HostMessage, { type: 'show' }>;

/** The row of a file below the row of its group. */
async function fileIn(group: Group, name: string): Promise<FileRow> {
  const { views } = await access();
  return eventually(`${name} in its group`, [group.session.onDidChange], async () => {
    for (const { row, label } of await rowTexts(views.files, await rowOf(group))) {
      if (row.type === 'file' && label === name) return row;
    }
    return undefined;
  });
}

async function rowOf(group: Group): Promise<GroupRow> {
  const { views } = await access();
  const rows = (await views.files.getChildren()).filter((row) => row.type === 'group');
  const found = rows.find((row) => row.group === group);
  assert.ok(found, group.directory);
  return found;
}

/** What a map tells its page. */
function shownMap(map: MapPanel): Promise<Shown> {
  return new Promise((resolve) => {
    const listening = map.onDidTell((message) => {
      if (message.type !== 'show') return;
      listening.dispose();
      resolve(message);
    });
  });
}

describe('two groups', () => {
  let groups: readonly [Group, Group];
  const content = new Map<Group, Buffer>();

  before(async () => {
    await vscode.commands.executeCommand(commandIds.startPeer);
  });

  it('are joined with an invite and a yes, each with a data directory of its own', async () => {
    const { groups: all } = await access();
    const [first] = all.all;
    const code = environment('secondInvite');
    await acceptQuickInput(
      vscode.commands.executeCommand(commandIds.joinGroup, { code, name: 'desk' }),
    );
    const second = all.find(scratch('second-2'));
    assert.ok(second);
    groups = [first, second];
    assert.deepEqual(all.all, groups);
    const configured = vscode.workspace.getConfiguration('chunkPartitioner').get('furtherGroups');
    assert.deepEqual(configured, [scratch('second-2')]);
    assert.equal(second.session.status?.self?.groupName, 'test group');
    assert.notEqual(second.session.status.self.groupId, first.session.status?.self?.groupId);
    assert.notEqual(second.session.status.self.nodeId, first.session.status?.self?.nodeId);
  });

  it('have a row each in every view, with their own rows below', async () => {
    const { views } = await access();
    for (const [at, size] of [5, 3].entries()) {
      const group = groups[at];
      assert.ok(group);
      await vscode.commands.executeCommand(commandIds.connectPeers, groupRow(group));
      await eventually('its peers', [group.onDidChange], () =>
        group.session.status?.peersOnline === size - 1 ? true : undefined,
      );
    }
    for (const view of [views.peers, views.files, views.transfers]) {
      const rows = await rowTexts<object>(view);
      assert.deepEqual(
        rows.map(({ label, description }) => `${label}: ${description}`),
        ['test group: 5 of 5 online', 'test group: 3 of 3 online'],
      );
      for (const { item } of rows) {
        assert.equal((item.iconPath as vscode.ThemeIcon).id, 'organization');
        assert.equal(item.collapsibleState, vscode.TreeItemCollapsibleState.Expanded);
        assert.match(item.accessibilityInformation?.label ?? '', /^Group test group, \d of \d/);
      }
      assert.equal(new Set(rows.map(({ item }) => item.id)).size, 2);
    }
    const [, second] = await views.peers.getChildren();
    const peers = await rowTexts(views.peers, second);
    assert.deepEqual(
      peers.map(({ label }) => label),
      ['desk', 'alice', 'bob'],
    );
    assert.equal(views.peers.view.description, machineWords());
  });

  it('take what is shared with one of them, and only that one has it', async () => {
    for (const [at, group] of groups.entries()) {
      const bytes = randomBytes(100_000 + at);
      content.set(group, bytes);
      const uri = vscode.Uri.file(scratch(`of group ${String(at)}.bin`));
      writeFileSync(uri.fsPath, bytes);
      await vscode.commands.executeCommand(commandIds.shareFile, await rowOf(group), [uri]);
    }
    const { views } = await access();
    for (const [at, group] of groups.entries()) {
      await fileIn(group, `of group ${String(at)}.bin`);
      const labels = (await rowTexts(views.files, await rowOf(group))).map(({ label }) => label);
      assert.ok(!labels.includes(`of group ${String(1 - at)}.bin`));
      const moved = await rowTexts(views.transfers, groupRow(group));
      assert.equal(moved[0]?.label, `of group ${String(at)}.bin`);
    }
  });

  it('give back what each of them has, by row and by address', async () => {
    for (const [at, group] of groups.entries()) {
      const row = await fileIn(group, `of group ${String(at)}.bin`);
      const target = vscode.Uri.file(scratch(`copy ${String(at)}.bin`));
      await vscode.commands.executeCommand(commandIds.downloadFile, row, target);
      assert.deepEqual(readFileSync(target.fsPath), content.get(group));
      const read = await vscode.workspace.fs.readFile(sharedUri(row.share));
      assert.deepEqual(Buffer.from(read), content.get(group));
    }
  });

  it('find their own share by its name', async () => {
    const [, second] = groups;
    const target = vscode.Uri.file(scratch('by name.bin'));
    await vscode.commands.executeCommand(commandIds.downloadFile, 'of group 1.bin', target);
    assert.deepEqual(readFileSync(target.fsPath), content.get(second));
  });

  it('are found by a task by what it fetches', async () => {
    const [, second] = groups;
    const tasks = await vscode.tasks.fetchTasks({ type: fetchTask.type });
    const task = tasks.find(({ name }) => name === fetchTask.label);
    assert.ok(task);
    const ended = new Promise<number | undefined>((resolve) => {
      const listening = vscode.tasks.onDidEndTaskProcess(({ exitCode, execution }) => {
        if (execution.task.name !== fetchTask.label) return;
        listening.dispose();
        resolve(exitCode);
      });
    });
    await vscode.tasks.executeTask(task);
    assert.equal(await ended, 0);
    assert.deepEqual(readFileSync(scratch('workspace', fetchTask.path)), content.get(second));
  });

  it('are filtered together', async () => {
    const { views } = await access();
    views.files.setFilter('of group');
    for (const [at, group] of groups.entries()) {
      const labels = (await rowTexts(views.files, await rowOf(group))).map(({ label }) => label);
      assert.deepEqual(labels, [`of group ${String(at)}.bin`]);
    }
    await vscode.commands.executeCommand(commandIds.clearFilter);
  });

  it('keep their rows as long as the same is in them', async () => {
    const { views } = await access();
    const [, second] = groups;
    const rows = async (): Promise<object[]> => [
      ...(await views.files.getChildren()),
      ...(await views.files.getChildren(await rowOf(second))),
    ];
    const before = await rows();
    await vscode.commands.executeCommand(commandIds.refreshViews);
    const after = await rows();
    assert.equal(after.length, before.length);
    for (const [at, row] of after.entries()) assert.equal(row, before[at]);
  });

  it('have maps of their own', async () => {
    const { maps } = await access();
    const [, second] = groups;
    const row = await fileIn(second, 'of group 1.bin');
    await vscode.commands.executeCommand(commandIds.openChunkMap, row);
    const target = { share: row.share.shareId };
    const map = await shownMap(maps.open(second, target));
    assert.equal(map.title, 'of group 1.bin');
    assert.equal(map.grid.rows.length, 2); // the two others
    maps.open(second, target).close();
  });

  it('are not mixed by one command', async () => {
    const rows = await Promise.all(
      groups.map((group, at) => fileIn(group, `of group ${String(at)}.bin`)),
    );
    await vscode.commands.executeCommand(commandIds.verifyFile, rows[0], rows);
    for (const { transfers } of groups) {
      assert.ok(
        transfers.all.every(
          ({ kind, shareId }) =>
            kind !== 'verify' || rows.every(({ share }) => share.shareId !== shareId),
        ),
      );
    }
  });

  it('are stopped and started each for itself', async () => {
    const [first, second] = groups;
    await vscode.commands.executeCommand(commandIds.stopPeer, groupRow(second));
    assert.deepEqual([first.session.state, second.session.state], ['running', 'stopped']);
    const { views } = await access();
    const row = (await rowTexts(views.peers))[1];
    assert.deepEqual([row?.label, row?.description], ['test group', 'stopped']);
    assert.equal(row?.item.contextValue, 'group.stopped');
    await vscode.commands.executeCommand(commandIds.startPeer, groupRow(second));
    assert.equal(second.session.state, 'running');
  });

  it('are one again once the setting says so', async () => {
    const { groups: all, views } = await access();
    await setSetting('furtherGroups', undefined);
    await eventually('one group', [all.onDidChange], () => all.only);
    assert.equal(all.first, groups[0]);
    assert.equal(all.first.session.state, 'running');
    const rows = await views.peers.getChildren();
    assert.deepEqual(new Set(rows.map(({ type }) => type)), new Set(['peer']));
  });
});
