import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import { commandIds } from '../../../src/vscode/ids.js';
import {
  acceptQuickInput,
  access,
  environment,
  eventually,
  reaches,
  refuseQuickInput,
  rowTexts,
  scratch,
  setSetting,
} from './host.js';
import { machineWords } from '../../../src/vscode/views/machine.js';

describe('a group', () => {
  before(() => setSetting('keepServing', 'never'));

  it('is created, with this machine as the first row', async () => {
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
    assert.equal(views.peers.view.description, `Night Shift · ${machineWords() ?? ''}`);
  });

  it('is not founded beside another one unless the user says so', async () => {
    const { groups, session } = await access();
    const names = { groupName: 'B', name: 'b' };
    await refuseQuickInput(vscode.commands.executeCommand(commandIds.createGroup, names));
    assert.equal(groups.only?.session, session);
    assert.equal(session.status?.self?.groupName, 'Night Shift');
  });

  it('makes an invite, which Enter copies', async () => {
    await vscode.env.clipboard.writeText('nothing');
    await acceptQuickInput(vscode.commands.executeCommand(commandIds.invitePeer));
    const code = await vscode.env.clipboard.readText();
    assert.notEqual(code, 'nothing');
    assert.ok(code.length > 20);
  });

  it('belongs to a data directory: another one is another member', async () => {
    const { groups } = await access();
    await setSetting('dataDirectory', scratch('second'));
    const { session } = await eventually('the other directory', [groups.onDidChange], () =>
      groups.find(scratch('second')),
    );
    await reaches('running');
    assert.equal(session.status?.dataDir, scratch('second'));
    assert.equal(session.status.self, null);
    assert.ok(existsSync(scratch('second')));
  });

  it('refuses a code that is none', async () => {
    const { session } = await access();
    await vscode.commands.executeCommand(commandIds.joinGroup, { code: 'nonsense', name: 'desk' });
    assert.equal(session.state, 'running');
    assert.equal(session.status?.self, null);
  });

  it('is joined with an invite, and shows its peers online', async () => {
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

  it('takes configured peers from the settings', async () => {
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
