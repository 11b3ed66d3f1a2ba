import * as vscode from 'vscode';
import type { ChunkRun, GitInfo, HolderInfo, ShareInfo } from '../../control/contract.js';
import { formatBytes, formatCount, percent } from '../format.js';
import { rowKinds } from '../ids.js';
import { riskOf } from '../risk.js';
import { shareTitle } from '../shareTitle.js';
import { visibleText } from '../visibleText.js';
import { age } from './age.js';
import { tooltip } from './tooltip.js';

/** What this machine knows about a share beyond what its peer tells. */
export interface FileKnowledge {
  /** When it was last downloaded here and its SHA-256 found right; milliseconds since 1970. */
  readonly provedAt: number | undefined;
  readonly now: number;
  readonly expanded: boolean;
  /** Whether somebody else has just shared it. */
  readonly isNew: boolean;
  /** What was checked out where it was shared; undefined while that is not known. */
  readonly git: GitInfo | null | undefined;
}

/** One file of the Files view. */
export function fileItem(share: ShareInfo, known: FileKnowledge): vscode.TreeItem {
  const name = visibleText(shareTitle(share));
  const isFolder = share.kind === 'folder';
  const { Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(name, known.expanded ? Expanded : Collapsed);
  const isEndangered = riskOf(share).spare <= 0;
  item.contextValue = isEndangered ? rowKinds.fileAtRisk : rowKinds.file;
  if (isEndangered) item.iconPath = new vscode.ThemeIcon('warning');
  else if (share.name === '') item.iconPath = new vscode.ThemeIcon('lock');
  else {
    // Only its last part counts: it makes the editor draw the icon that it draws for such files.
    item.resourceUri = vscode.Uri.from({ scheme: 'chunk-partitioner', path: `/${share.name}` });
    item.iconPath = isFolder ? vscode.ThemeIcon.Folder : vscode.ThemeIcon.File;
  }
  const words = fileWords(share, known);
  item.description = words.join(' · ');
  // Asked for when the row is looked at: see `resolveTreeItem`. Without a key there is no more to be known.
  if (share.name === '') item.tooltip = fileTooltip(share, known);
  item.accessibilityInformation = { label: [name, ...words].join(', ') };
  return item;
}

/** What is said of a file beside its name. */
function fileWords(share: ShareInfo, known: FileKnowledge): string[] {
  return [
    ...(known.isNew ? [vscode.l10n.t('new')] : []),
    ...(share.kind === 'folder' ? [entryCount(share.entries)] : []),
    ...(share.name === '' ? [] : [formatBytes(share.size)]),
    survival(share),
    ...away(share),
    ...proof(share, known),
    ...(share.superseded ? [vscode.l10n.t('older version')] : []),
    ...(known.git ? [gitWords(known.git)] : []),
  ];
}

/** Files, folders and links in a folder. */
export function entryCount(entries: number): string {
  return entries === 1
    ? vscode.l10n.t('1 entry')
    : vscode.l10n.t('{0} entries', formatCount(entries, vscode.env.language));
}

export function fileCount(files: number): string {
  return files === 1
    ? vscode.l10n.t('1 file')
    : vscode.l10n.t('{0} files', formatCount(files, vscode.env.language));
}

/** How many holders may leave for good, and when none may, whom it hangs on. */
export function survival(share: ShareInfo): string {
  const { spare, hangsOn } = riskOf(share);
  if (spare < 0) {
    return spare === -1
      ? vscode.l10n.t('1 shard too few to put it together')
      : vscode.l10n.t('{0} shards too few to put it together', -spare);
  }
  if (spare > 1) return vscode.l10n.t('survives any {0} leaving', spare);
  if (spare === 1) return vscode.l10n.t('survives any one leaving');
  return vscode.l10n.t('one more loss and it is gone: {0}', holderNames(hangsOn));
}

/** Names of holders, each once, shortened where there are many. */
export function holderNames(holders: readonly HolderInfo[]): string {
  const names = [...new Set(holders.map((holder) => visibleText(holder.name)))];
  const shown = names.slice(0, 4).join(', ');
  return names.length > 4 ? vscode.l10n.t('{0} and {1} more', shown, names.length - 4) : shown;
}

/** One run of chunks below a file. */
export function runItem(run: ChunkRun, chunks: number): vscode.TreeItem {
  const language = vscode.env.language;
  const name = visibleText(run.name);
  const item = new vscode.TreeItem(name);
  item.contextValue = rowKinds.run;
  item.iconPath = new vscode.ThemeIcon('layers');
  const share = percent(run.last - run.first + 1, chunks);
  const words = [
    vscode.l10n.t(
      'chunks {0}–{1}',
      formatCount(run.first, language),
      formatCount(run.last, language),
    ) + ` (${String(share)}%)`,
    run.kind === 'data' ? vscode.l10n.t('data') : vscode.l10n.t('parity'),
    run.online ? vscode.l10n.t('online') : vscode.l10n.t('offline'),
  ];
  item.description = words.join(' · ');
  item.tooltip = tooltip(run.name, [
    words.join(' · '),
    vscode.l10n.t('Shard {0}', run.shard),
    run.kind === 'data'
      ? vscode.l10n.t('Data: a part of the file itself.')
      : vscode.l10n.t('Parity: stands in for a data shard that is lost.'),
  ]);
  item.accessibilityInformation = { label: [name, ...words].join(', ') };
  return item;
}

function away(share: ShareInfo): string[] {
  const online = new Set(share.holders.filter((holder) => holder.online).map((h) => h.shard)).size;
  if (online < share.k) return [vscode.l10n.t('not reachable now')];
  const offline = share.holders.filter((holder) => !holder.online).length;
  if (offline === 0) return [];
  return [
    offline === 1
      ? vscode.l10n.t('1 holder offline')
      : vscode.l10n.t('{0} holders offline', offline),
  ];
}

/** "Verified" always says which kind: proved here, or reported by the holders. */
function proof(share: ShareInfo, known: FileKnowledge): string[] {
  const reported = share.verified;
  if (known.provedAt !== undefined && known.provedAt >= (reported?.at ?? 0)) {
    return [vscode.l10n.t('proved {0}', age(known.provedAt, known.now))];
  }
  if (reported === null) return [];
  const when = age(reported.at, known.now);
  return [
    reported.ok
      ? vscode.l10n.t('reported whole {0}', when)
      : vscode.l10n.t('reported damaged {0}', when),
  ];
}

/** A commit and its branch, in short. */
export function gitWords({ commit, branch, dirty }: GitInfo): string {
  const short = commit.slice(0, 8);
  const where = branch === null ? short : `${visibleText(branch)} ${short}`;
  return dirty ? vscode.l10n.t('{0}, changed', where) : where;
}

/** The same in a sentence, not escaped yet. */
function gitSentence({ commit, branch, dirty }: GitInfo): string {
  const where = branch === null ? commit : vscode.l10n.t('{0} on {1}', commit, branch);
  return dirty
    ? vscode.l10n.t('Shared from commit {0}, with changes that were not committed', where)
    : vscode.l10n.t('Shared from commit {0}', where);
}

export function fileTooltip(share: ShareInfo, known: FileKnowledge): vscode.MarkdownString {
  return tooltip(shareTitle(share), [
    fileWords(share, known).join(' · '),
    vscode.l10n.t(
      'Shared by {0}, {1}',
      share.authorName,
      new Date(share.createdAt).toLocaleString(vscode.env.language),
    ),
    known.git ? gitSentence(known.git) : undefined,
    known.git?.folder
      ? vscode.l10n.t('In folder {0} of its repository', known.git.folder)
      : undefined,
    vscode.l10n.t('{0} data + {1} parity shards', share.k, share.m),
    share.sha256 === '' ? undefined : `SHA-256 ${share.sha256}`,
    vscode.l10n.t('Share id {0}', share.shareId),
    { heading: vscode.l10n.t('Holders'), names: holderLines(share) },
  ]);
}

/** Holders that a tooltip names. */
const mostHolders = 12;

function holderLines({ holders }: ShareInfo): string[] {
  const lines = holders
    .slice(0, mostHolders)
    .map(({ name, shard, online }) =>
      online
        ? vscode.l10n.t('{0}: shard {1}', name, shard)
        : vscode.l10n.t('{0}: shard {1}, offline', name, shard),
    );
  const more = holders.length - lines.length;
  return more > 0 ? [...lines, vscode.l10n.t('and {0} more', more)] : lines;
}
