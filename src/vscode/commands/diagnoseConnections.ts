import * as vscode from 'vscode';
import type { Diagnosis, Finding } from '../../control/contract.js';
import { findingWords } from '../findingWords.js';
import type { Group } from '../groups/group.js';
import { commandIds, section } from '../ids.js';
import { groupRow } from '../views/rows.js';
import { pickText } from '../visibleText.js';
import type { Command } from './command.js';

type Item = vscode.QuickPickItem & { readonly finding: Finding };

/** Says what is wrong with each address, both ways, and offers what can be done about it. */
export const diagnoseConnections: Command = async ({ group, session }) => {
  const client = await session.client();
  const diagnosis = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Trying all connections, both ways'),
      cancellable: true,
    },
    (_progress, token) => {
      const cancelled = new AbortController();
      token.onCancellationRequested(() => {
        cancelled.abort();
      });
      const signal = AbortSignal.any([cancelled.signal, AbortSignal.timeout(60_000)]);
      return client.request('diagnose', null, signal);
    },
  );
  await session.refresh();
  const picked = await show(diagnosis);
  if (picked !== undefined) await act(picked.finding, group);
};

async function show(diagnosis: Diagnosis): Promise<Item | undefined> {
  const items = diagnosis.findings.map((finding) => itemOf(finding, diagnosis.platform));
  const wrong = items.filter(({ finding }) => finding.level === 'problem').length;
  const pick = vscode.window.createQuickPick<Item>();
  const copy = { iconPath: new vscode.ThemeIcon('copy'), tooltip: vscode.l10n.t('Copy') };
  pick.title =
    wrong === 0
      ? vscode.l10n.t('Connections: nothing is wrong')
      : wrong === 1
        ? vscode.l10n.t('Connections: 1 problem')
        : vscode.l10n.t('Connections: {0} problems', wrong);
  pick.placeholder = vscode.l10n.t('Choose one to do something about it');
  pick.items = items;
  pick.buttons = [copy];
  pick.matchOnDetail = true;
  pick.ignoreFocusOut = true;
  try {
    return await new Promise<Item | undefined>((resolve) => {
      pick.onDidTriggerButton(() => {
        void vscode.env.clipboard.writeText(reportOf(diagnosis));
      });
      pick.onDidAccept(() => {
        resolve(pick.selectedItems[0]);
      });
      pick.onDidHide(() => {
        resolve(undefined);
      });
      pick.show();
    });
  } finally {
    pick.dispose();
  }
}

function itemOf(finding: Finding, platform: string): Item {
  const { said, advice } = findingWords(finding, platform);
  const icons = { ok: '$(pass)', note: '$(info)', problem: '$(error)' } as const;
  return {
    finding,
    label: `${icons[finding.level]} ${pickText(said)}`,
    ...(advice === '' ? {} : { detail: pickText(advice) }),
  };
}

/** As text, for a colleague. */
function reportOf({ findings, platform }: Diagnosis): string {
  const lines = findings.map((finding) => {
    const { said, advice } = findingWords(finding, platform);
    return `${finding.level}: ${said}${advice === '' ? '' : ` ${advice}`}`;
  });
  return `${lines.join('\n')}\n`;
}

/** The nearest thing to do about it. */
async function act({ kind }: Finding, group: Group): Promise<void> {
  switch (kind) {
    case 'no-group':
      await vscode.commands.executeCommand(commandIds.joinGroup, groupRow(group));
      return;
    case 'nobody-else':
      await vscode.commands.executeCommand(commandIds.invitePeer, groupRow(group));
      return;
    case 'loopback-only':
    case 'listening':
    case 'firewall':
      await openSetting('listen');
      return;
    case 'no-address':
    case 'unresolved':
    case 'stranger':
    case 'no-peer':
    case 'refused':
      await openSetting('peers');
      return;
    default:
      await vscode.commands.executeCommand(commandIds.showLog);
  }
}

async function openSetting(key: string): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.openSettings', `${section}.${key}`);
}
