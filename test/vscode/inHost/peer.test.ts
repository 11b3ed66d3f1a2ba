import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commandIds } from '../../../src/vscode/ids.js';
import { access, eventually, reaches } from './host.js';

describe('the peer process', () => {
  it('stops and starts on command', async () => {
    const { session } = await access();
    const before = session.status?.pid ?? 0;
    await vscode.commands.executeCommand(commandIds.stopPeer);
    assert.equal(session.state, 'stopped');
    await vscode.commands.executeCommand(commandIds.startPeer);
    assert.equal(session.state, 'running');
    assert.notEqual(session.status?.pid, before);
  });

  it('is started again after it was killed', async () => {
    const { session } = await access();
    const before = session.status?.pid;
    assert.ok(before);
    process.kill(before, 'SIGKILL');
    await eventually('another process', [session.onDidChangeState], () =>
      session.state === 'running' && session.status?.pid !== before ? true : undefined,
    );
  });

  it('shows its log on command only', async () => {
    await vscode.commands.executeCommand(commandIds.showLog);
    await reaches('running');
  });
});
