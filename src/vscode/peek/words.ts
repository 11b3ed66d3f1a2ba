import * as vscode from 'vscode';

/** What the page says, in the language of the editor: it cannot ask for that itself. */
export function peekWords() {
  return {
    content: vscode.l10n.t('Content of the file'),
    contentHelp: vscode.l10n.t(
      'Arrow keys, Page Up and Page Down move; Home and End go to the start and the end; slash searches; Escape cancels.',
    ),
    tools: vscode.l10n.t('Peek'),
    text: vscode.l10n.t('Text'),
    hex: vscode.l10n.t('Hex'),
    view: vscode.l10n.t('Show as'),
    start: vscode.l10n.t('Start'),
    startHelp: vscode.l10n.t('Go to the start of the file'),
    end: vscode.l10n.t('End'),
    endHelp: vscode.l10n.t('Go to the end of the file'),
    line: vscode.l10n.t('Line'),
    offset: vscode.l10n.t('Offset'),
    goTo: vscode.l10n.t('Go to a line or an offset'),
    goToKind: vscode.l10n.t('What the number counts'),
    go: vscode.l10n.t('Go'),
    lineHint: vscode.l10n.t('1,200'),
    offsetHint: vscode.l10n.t('4096, 0x1000 or 50%'),
    find: vscode.l10n.t('Find from here on'),
    findHint: vscode.l10n.t('Find'),
    findNext: vscode.l10n.t('Find Next'),
    matchCase: vscode.l10n.t('Match Case'),
    asBytes: vscode.l10n.t('Hex Bytes'),
    bytesHint: vscode.l10n.t('1f 8b 08'),
    cancel: vscode.l10n.t('Cancel'),
    position: vscode.l10n.t('Position in the file'),
    loading: vscode.l10n.t('Fetching…'),
    continued: vscode.l10n.t('goes on'),
    row: vscode.l10n.t('Line or offset'),
    bytes: vscode.l10n.t('Bytes'),
    characters: vscode.l10n.t('Characters'),
    empty: vscode.l10n.t('The file is empty.'),
  };
}

export type PeekWord = keyof ReturnType<typeof peekWords>;
