import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import { commandIds } from '../../../src/vscode/ids.js';
import {
  acceptQuickInput,
  access,
  environment,
  eventually,
  rowTexts,
  scratch,
  setSetting,
} from './host.js';

describe('groups', () => {
  before(() => setSetting('keepServing', 'never'));

  it('are created, with this machine as the first row', async () => {
    const { session, views } = await access();
    const names = { groupName: 'Night Shift', name: 'desk' };
    await vscode.commands.executeCommand(commandIds.createGroup, names);
    assert.equal(session.status?.self?.groupName, 'Night Shift');
    assert.equal(session.status.self.admin, true);
    const [self, ...others] = await rowTexts(views.peers);
    assert.equal(self?.label, 'desk');
    assert.match(self.description, /^you · /);
    assert.equal((self.item.iconPath as vscode.ThemeIcon).id, 'broadcast');
    assert.ok(self.item.accessibilityInformation?.label.startsWith('desk'));
    assert.equal(others.length, 0);
    assert.equal(views.peers.view.description, 'Night Shift');
  });

  it('are not created twice', async () => {
    const { session } = await access();
    await vscode.commands.executeCommand(commandIds.createGroup, { groupName: 'B', name: 'b' });
    assert.equal(session.status?.self?.groupName, 'Night Shift');
  });

  it('make an invite, which Enter copies', async () => {
    await vscode.env.clipboard.writeText('nothing');
    await acceptQuickInput(vscode.commands.executeCommand(commandIds.invitePeer));
    const code = await vscode.env.clipboard.readText();
    assert.notEqual(code, 'nothing');
    assert.ok(code.length > 20);
  });

  it('belong to a data directory: another one is another member', async () => {
    const { session } = await access();
    await setSetting('dataDirectory', scratch('second'));
    await eventually('the other directory', [session.onDidChangeState], () =>
      session.state === 'running' && session.status?.dataDir === scratch('second')
        ? true
        : undefined,
    );
    assert.equal(session.status?.self, null);
    assert.ok(existsSync(scratch('second')));
  });

  it('refuse a code that is none', async () => {
    const { session } = await access();
    await vscode.commands.executeCommand(commandIds.joinGroup, { code: 'nonsense', name: 'desk' });
    assert.equal(session.state, 'running');
    assert.equal(session.status?.self, null);
  });

  it('are joined with an invite, and show their peers online', async () => {
    const { session, views } = await access();
    const code = environment('invite');
    await vscode.commands.executeCommand(commandIds.joinGroup, { code, name: 'desk' });
    assert.equal(session.status?.self?.name, 'desk');
    await vscode.commands.executeCommand(commandIds.connectPeers);
    const rows = await eventually('four peers online', [session.onDidChange], async () => {
      const texts = await rowTexts(views.peers);
      const online = texts.filter(({ item }) => item.contextValue === 'peer.online');
      return online.length === 4 ? texts : undefined;
    });
    assert.deepEqual(
      rows.map(({ label }) => label),
      ['desk', 'alice', 'bob', 'carol', 'dave'],
    );
    for (const { label, item } of rows) {
      assert.ok(item.accessibilityInformation?.label.startsWith(`${label}, `));
    }
  });

  it('take configured peers from the settings', async () => {
    const { session, views } = await access();
    await setSetting('peers', ['127.0.0.1:9']);
    await eventually('the address', [session.onDidChange], async () =>
      (await rowTexts(views.peers)).find(({ label }) => label === '127.0.0.1:9'),
    );
    await setSetting('peers', undefined);
    await eventually('it to go', [session.onDidChange], async () =>
      (await rowTexts(views.peers)).every(({ label }) => label !== '127.0.0.1:9')
        ? true
        : undefined,
    );
  });
});
