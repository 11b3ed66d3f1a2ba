import path from 'node:path';
import * as vscode from 'vscode';
import { pickText } from '../visibleText.js';
import type { Answer, Decision, Wanted } from './plan.js';

type Choice = vscode.QuickPickItem & Partial<Answer>;

/**
 * Asks what to do where a download finds its target taken. What ends nothing comes first, so that Enter alone replaces no
 * file. Undefined when the user gives up.
 *
 * @param othersLeft how many more were chosen, and may be there as well
 */
export async function askIfExists(wanted: Wanted, othersLeft: number): Promise<Answer | undefined> {
  const name = pickText(path.basename(wanted.path));
  const one = choicesFor(wanted);
  const items: Choice[] = one.map((choice) => ({ ...choice, forAll: false }));
  if (othersLeft > 0) {
    const { Separator } = vscode.QuickPickItemKind;
    items.push({ kind: Separator, label: vscode.l10n.t('For all that exist already') });
    items.push(
      ...one.map((choice) => ({ ...choice, label: forAllLabel(choice.decision), forAll: true })),
    );
  }
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('{0} exists already', name),
    placeHolder: vscode.l10n.t('What is to become of what lies at {0}', pickText(wanted.path)),
    ignoreFocusOut: true,
  });
  if (picked?.decision === undefined) return undefined;
  return { decision: picked.decision, forAll: picked.forAll === true };
}

function choicesFor({ share }: Wanted): (vscode.QuickPickItem & { readonly decision: Decision })[] {
  return [
    {
      decision: 'skip',
      label: vscode.l10n.t('Skip'),
      description: vscode.l10n.t('leave what is there, download nothing'),
    },
    {
      decision: 'rename',
      label: vscode.l10n.t('Keep Both'),
      description: vscode.l10n.t('download under another name'),
    },
    {
      decision: 'resume',
      label: vscode.l10n.t('Resume'),
      description: vscode.l10n.t('take what is there if it is the same, proved by its SHA-256'),
    },
    ...(share.kind === 'folder'
      ? [] // folders are never replaced
      : [
          {
            decision: 'overwrite' as const,
            label: vscode.l10n.t('Replace'),
            description: vscode.l10n.t('once the download is proved; what is there is lost'),
          },
        ]),
  ];
}

function forAllLabel(decision: Decision): string {
  switch (decision) {
    case 'skip':
      return vscode.l10n.t('No to All');
    case 'rename':
      return vscode.l10n.t('Keep Both for All');
    case 'resume':
      return vscode.l10n.t('Resume All');
    case 'overwrite':
      return vscode.l10n.t('Yes to All: Replace');
  }
}
