import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commandIds, mapViewType } from '../../../src/vscode/ids.js';
import type { MapPanel } from '../../../src/vscode/map/mapPanel.js';
import type { HostMessage } from '../../../src/vscode/map/messages.js';
import { access, eventually } from './host.js';

type Shown = Extract<HostMessage, { type: 'show' }>;

describe('the chunk map', () => {
  let map: MapPanel;
  const told: HostMessage[] = [];

  before(async () => {
    const { groups, session, maps } = await access();
    const client = await session.client();
    const { shareId } = await client.request('find', { share: 'core dump.bin' });
    await vscode.commands.executeCommand(commandIds.openChunkMap, shareId);
    map = maps.open(groups.first, { share: shareId }); // the same: one tab for each share
    map.onDidTell((message) => told.push(message));
  });

  after(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  it('opens in one tab, and tells its page who holds what', async () => {
    const shown = await shownWhen(() => true);
    assert.equal(shown.title, 'core dump.bin');
    assert.equal(shown.grid.rows.length, 4);
    assert.ok(shown.grid.edges.length > 2);
    assert.deepEqual(shown.actions, ['verify', 'repair', 'download']);
    const labels = (): string[] =>
      vscode.window.tabGroups.all
        .flatMap((group) => group.tabs)
        .filter(({ input }) => input instanceof vscode.TabInputWebview)
        .filter(({ input }) => (input as vscode.TabInputWebview).viewType.endsWith(mapViewType))
        .map(({ label }) => label);
    // The editor tells of its tabs a little later.
    await eventually('its title', [vscode.window.tabGroups.onDidChangeTabs], () =>
      labels().join() === 'Map: core dump.bin' ? true : undefined,
    );
  });

  it('tells what a verification finds, not more than four times a second', async () => {
    const from = told.length;
    const since = performance.now();
    const { target } = map;
    assert.ok('share' in target);
    await vscode.commands.executeCommand(commandIds.verifyFile, target.share);
    await shownWhen(({ grid }) => grid.rows.every(({ chunks }) => chunks.reported !== undefined));
    const seconds = (performance.now() - since) / 1000;
    assert.ok(told.length - from <= 4 * seconds + 2, `${told.length - from} in ${seconds} s`);
  });

  it('tells nothing while it is hidden, and all once it is seen again', async () => {
    const untitled = await vscode.workspace.openTextDocument({ content: 'in front' });
    await vscode.window.showTextDocument(untitled, { preview: false });
    const from = told.length;
    const { target } = map;
    assert.ok('share' in target);
    await vscode.commands.executeCommand(commandIds.verifyFile, target.share);
    assert.deepEqual(told.slice(from), []);
    map.reveal();
    await eventually('the page', [map.onDidTell], () =>
      told.slice(from).some(({ type }) => type === 'show') ? true : undefined,
    );
  });

  function shownWhen(isSo: (shown: Shown) => boolean): Promise<Shown> {
    return eventually('the map', [map.onDidTell], () =>
      told.find((message): message is Shown => message.type === 'show' && isSo(message)),
    );
  }
});
