import * as vscode from 'vscode';
import { PeerError } from '../../common/errors.js';
import { errorWords } from '../errorWords.js';
import { peekEditorType } from '../ids.js';
import { pageHtml, pageOptions } from '../pageHtml.js';
import type { PeerSession } from '../peerSession.js';
import type { SharedFileSystem } from '../shared/sharedFileSystem.js';
import { fileName, type SharedFile } from '../shared/sharedFile.js';
import { noticeText, visibleText } from '../visibleText.js';
import { PeekTalk } from './peekTalk.js';
import { SharedSource } from './sharedSource.js';

interface PeekDocument extends vscode.CustomDocument {
  readonly file: SharedFile;
  /** With the peer of its group. */
  readonly session: PeerSession;
}

/**
 * Shows any part of a shared file of any size, and fetches no more than that. An editor of its own for addresses of shared
 * files, not a panel: the editor keeps its tab over a reload, knows what file it shows, and offers it in *Reopen Editor
 * With…* beside the text editor.
 */
export class PeekEditor implements vscode.CustomReadonlyEditorProvider<PeekDocument> {
  /** @param dist folder of the page's bundle */
  constructor(
    private readonly shared: SharedFileSystem,
    private readonly dist: vscode.Uri,
  ) {}

  register(): vscode.Disposable {
    return vscode.window.registerCustomEditorProvider(peekEditorType, this, {
      supportsMultipleEditorsPerDocument: true,
    });
  }

  async openCustomDocument(uri: vscode.Uri): Promise<PeekDocument> {
    let resolved: Awaited<ReturnType<SharedFileSystem['resolve']>>;
    try {
      resolved = await this.shared.resolve(uri);
    } catch (error) {
      // The editor shows it in the tab.
      throw new Error(noticeText(errorWords(PeerError.from(error)).join(' ')), { cause: error });
    }
    const { found, session } = resolved;
    if (found.kind !== 'file')
      throw new Error(vscode.l10n.t('There is nothing to peek into: this is no file.'));
    return { uri, file: found.file, session, dispose: () => undefined };
  }

  resolveCustomEditor({ file, session }: PeekDocument, panel: vscode.WebviewPanel): void {
    const { webview } = panel;
    const talk = new PeekTalk(new SharedSource(session, file), (message) => {
      void webview.postMessage(message);
    });
    const listening = webview.onDidReceiveMessage((message: unknown) => {
      talk.hear(message);
    });
    panel.onDidDispose(() => {
      listening.dispose();
      talk.dispose();
    });
    const folder = this.dist;
    webview.options = pageOptions({ folder });
    webview.html = pageHtml(webview, { name: 'peek', title: visibleText(fileName(file)), folder });
  }
}
