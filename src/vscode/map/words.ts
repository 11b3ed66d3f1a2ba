import * as vscode from 'vscode';

/**
 * What the page says, in the language of the editor. Those with `{0}` are filled in by the page.
 *
 * The page cannot ask for them: `vscode.l10n` is the extension's.
 */
export function mapWords() {
  return {
    verify: vscode.l10n.t('Verify'),
    repair: vscode.l10n.t('Repair'),
    download: vscode.l10n.t('Download…'),
    actions: vscode.l10n.t('Actions'),
    map: vscode.l10n.t('Chunk map: holders by position in the file'),
    help: vscode.l10n.t(
      'Arrow keys move from cell to cell, Home and End within a row, Enter opens the details.',
    ),
    holder: vscode.l10n.t('Holder'),
    shard: vscode.l10n.t('Shard'),
    numberedShard: vscode.l10n.t('shard {0}'),
    nobody: vscode.l10n.t('nobody'),
    online: vscode.l10n.t('online'),
    offline: vscode.l10n.t('offline'),
    data: vscode.l10n.t('data'),
    parity: vscode.l10n.t('parity'),
    kind: vscode.l10n.t('Kind'),
    state: vscode.l10n.t('State'),
    chunkNumbers: vscode.l10n.t('Chunks'),
    chunks: vscode.l10n.t('chunks {0}–{1}'),
    place: vscode.l10n.t('{0}–{1}% of the file'),
    proved: vscode.l10n.t('Proved here'),
    reported: vscode.l10n.t('Reported whole'),
    held: vscode.l10n.t('Held'),
    damaged: vscode.l10n.t('Damaged'),
    missing: vscode.l10n.t('Missing'),
    moving: vscode.l10n.t('Under way'),
    provedMeans: vscode.l10n.t('fetched by this machine, and right'),
    reportedMeans: vscode.l10n.t('re-read by its holder, which gives its word'),
    heldMeans: vscode.l10n.t('its holder signed for it; not looked at since'),
    damagedMeans: vscode.l10n.t('not what was signed'),
    missingMeans: vscode.l10n.t('nobody is known to have it, or it is not sent yet'),
    movingMeans: vscode.l10n.t('being sent, fetched, re-read or made anew'),
    legend: vscode.l10n.t('Legend'),
    details: vscode.l10n.t('Details'),
    table: vscode.l10n.t('The same as a table'),
    spare: vscode.l10n.t('May still be lost'),
    spareHere: vscode.l10n.t('{0} more holders may be lost here'),
    lostHere: vscode.l10n.t('{0} shards too few here'),
    doubted: vscode.l10n.t('damaged somewhere: verify to see where'),
    provedAt: vscode.l10n.t('proved here {0}'),
    reportedAt: vscode.l10n.t('reported {0}'),
    nothingKnown: vscode.l10n.t('signed for, not looked at since'),
    lastWord: vscode.l10n.t('Last word'),
  };
}

export type MapWord = keyof ReturnType<typeof mapWords>;
