import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import * as vscode from 'vscode';
import type { TransferState } from '../../../src/control/contract.js';
import { commandIds } from '../../../src/vscode/ids.js';
import type { TransferRow } from '../../../src/vscode/views/rows.js';
import { access, eventually, rowTexts, scratch } from './host.js';

async function transferOf(
  name: string,
  ...states: readonly TransferState[]
): Promise<{ row: TransferRow; description: string; item: vscode.TreeItem }> {
  const { groups, views } = await access();
  return eventually(
    `${name} to be ${states.join(' or ')}`,
    [groups.first.transfers.onDidChange],
    async () => {
      for (const text of await rowTexts(views.transfers)) {
        const { row, label } = text;
        if (row.type === 'transfer' && label === name && states.includes(row.transfer.state)) {
          return { ...text, row };
        }
      }
      return undefined;
    },
  );
}

describe('transfers', () => {
  before(() => {
    for (let part = 0; part < 12; part += 1) {
      appendFileSync(scratch('big.bin'), randomBytes(25_000_000));
    }
  });

  it('that ended are listed with what they did', async () => {
    const { description, item } = await transferOf('core dump.bin', 'done');
    assert.match(description, /shared|downloaded, proved here|checked by its holders/);
    assert.equal(item.contextValue, 'transfer.ended');
  });

  it('that run show figures and a badge, and can be cancelled', async () => {
    const { groups, views } = await access();
    const uri = vscode.Uri.file(scratch('big.bin'));
    const command = vscode.commands.executeCommand(commandIds.shareFile, uri);
    const { row, description } = await transferOf('big.bin', 'running');
    assert.match(description, /^↑ \d+%/);
    await eventually(
      'the badge',
      [groups.first.transfers.onDidChange, views.transfers.onDidChangeTreeData],
      () => views.transfers.view.badge,
    );
    await vscode.commands.executeCommand(commandIds.cancelTransfer, row);
    await command;
    const ended = await transferOf('big.bin', 'cancelled');
    assert.equal(ended.item.contextValue, 'transfer.retryable');
    const files = (await rowTexts(views.files)).map(({ label }) => label);
    assert.ok(!files.includes('big.bin'), 'nothing of it is listed');
  });

  it('that were cancelled are done on Try Again', async () => {
    const { row } = await transferOf('big.bin', 'cancelled');
    await vscode.commands.executeCommand(commandIds.retryTransfer, row);
    await transferOf('big.bin', 'done');
  });

  it('that ended are forgotten on Clear', async () => {
    const { views } = await access();
    await vscode.commands.executeCommand(commandIds.clearTransfers);
    // First the badge: rows that were read already are not told of once more.
    await eventually('no badge', [views.transfers.onDidChangeTreeData], () =>
      views.transfers.view.badge === undefined ? true : undefined,
    );
    assert.deepEqual(await rowTexts(views.transfers), []);
  });

  after(() => vscode.commands.executeCommand(commandIds.stopPeer));
});
