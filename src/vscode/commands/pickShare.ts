import * as vscode from 'vscode';
import type { ControlClient, ShareInfo } from '../../control/contract.js';
import { formatBytes } from '../format.js';
import { age } from '../views/age.js';
import { entryCount, survival } from '../views/fileItem.js';
import { isRow } from '../views/rows.js';
import { shareTitle } from '../shareTitle.js';
import { pickText } from '../visibleText.js';

/** Most shares that one pick offers. */
const mostOffered = 2_000;

interface ShareItem extends vscode.QuickPickItem {
  readonly share: ShareInfo;
}

/**
 * The share a command is about: a row of the Files view, the name or id another extension gives, or what the
 * user picks. Undefined when he picks none.
 */
export async function pickShare(
  client: ControlClient,
  argument: unknown,
  title: string,
): Promise<ShareInfo | undefined> {
  if (isRow(argument, 'file')) return argument.share;
  if (typeof argument === 'string') {
    return client.request('find', { share: argument }, AbortSignal.timeout(10_000));
  }
  const items = loadItems(client);
  // An empty list cannot be picked from, so it is told before the pick opens.
  if ((await items).length === 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('Nobody has shared a file with this group yet.'),
    );
    return undefined;
  }
  const picked = await vscode.window.showQuickPick(items, {
    title,
    placeHolder: vscode.l10n.t('Name, author or holder'),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked?.share;
}

async function loadItems(client: ControlClient): Promise<ShareItem[]> {
  const shares: ShareInfo[] = [];
  let cursor: string | null = null;
  do {
    const page: { shares: readonly ShareInfo[]; cursor: string | null } = await client.request(
      'shares',
      { cursor, limit: 200 },
      AbortSignal.timeout(10_000),
    );
    shares.push(...page.shares);
    cursor = page.cursor;
  } while (cursor !== null && shares.length < mostOffered);
  return shares.map(toItem);
}

function toItem(share: ShareInfo): ShareItem {
  const holders = share.holders.map((holder) =>
    holder.online ? pickText(holder.name) : vscode.l10n.t('{0} (offline)', pickText(holder.name)),
  );
  return {
    share,
    label: pickText(shareTitle(share)),
    description: [
      ...(share.kind === 'folder' ? [entryCount(share.entries)] : []),
      formatBytes(share.size),
      pickText(share.authorName),
      age(share.createdAt, Date.now()),
      ...(share.superseded ? [vscode.l10n.t('older version')] : []),
    ].join(' · '),
    detail: `${pickText(survival(share))} · ${[...new Set(holders)].slice(0, 8).join(', ')}`,
  };
}
