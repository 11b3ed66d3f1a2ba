import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

/** A page of the editor: a bundle `dist/NAME.js` with its styles beside it. */
export interface Page {
  readonly name: string;
  /** Shown by screen readers. */
  readonly title: string;
  /** `dist/` of this extension. */
  readonly folder: vscode.Uri;
}

/** What a page may do: run its one script, and read from one folder. */
export function pageOptions({ folder }: Pick<Page, 'folder'>): vscode.WebviewOptions {
  return { enableScripts: true, enableForms: false, localResourceRoots: [folder] };
}

/**
 * The frame of a page. It has no content yet: that comes by messages, as text. Nothing is loaded but its script, which
 * is known by a nonce, and its styles.
 */
export function pageHtml(webview: vscode.Webview, { name, title, folder }: Page): string {
  const uri = (file: string): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(folder, file)).toString();
  const nonce = randomBytes(18).toString('base64url');
  const policy = `default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="${escapeHtml(vscode.env.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${escapeHtml(uri(`${name}.css`))}">
<title>${escapeHtml(title)}</title>
</head>
<body>
<script nonce="${nonce}" src="${escapeHtml(uri(`${name}.js`))}"></script>
</body>
</html>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${String(character.charCodeAt(0))};`);
}
