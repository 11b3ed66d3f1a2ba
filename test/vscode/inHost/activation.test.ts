import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import { commandIds } from '../../../src/vscode/ids.js';
import { extensionId } from '../host/extensionId.js';
import { access, reaches, rowTexts, scratch, setSetting } from './host.js';

describe('activation', () => {
  it('starts no peer by itself', async () => {
    await setSetting('listen', '127.0.0.1:0');
    await setSetting('dataDirectory', scratch('first'));
    const { session } = await access();
    assert.equal(vscode.extensions.getExtension(extensionId)?.isActive, true);
    assert.equal(session.state, 'idle');
    assert.equal(existsSync(scratch('first')), false);
  });

  it('registers every command', async () => {
    const known = new Set(await vscode.commands.getCommands(true));
    for (const id of Object.values(commandIds)) assert.ok(known.has(id), id);
  });

  it('runs in a host that has what the peer needs', () => {
    assert.ok(Number(process.versions.node.split('.')[0]) >= 22);
  });

  it('starts the peer when somebody looks at a view', async () => {
    const { session, views } = await access();
    await vscode.commands.executeCommand('chunkPartitioner.peers.focus');
    await reaches('running');
    assert.equal(session.status?.self, null);
    assert.equal(session.status.dataDir, scratch('first'));
    assert.deepEqual(await rowTexts(views.peers), []);
    assert.deepEqual(await rowTexts(views.files), []);
  });
});
