import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { NewInvite } from './newInvite.js';

/** Longest delay that a timer takes, milliseconds. */
const longestDelay = 2 ** 31 - 1;

/**
 * Shows an invite as a QR code, in a tab that runs no script, that no reload brings back, and that closes when the invite
 * expires.
 */
export async function showInvitePicture(invite: NewInvite): Promise<void> {
  const { encodeQR } = await import('qr');
  // Four modules of white around it are part of the code: without them a dark theme would hide its edges.
  const svg = encodeQR(invite.link, 'svg', { ecc: 'medium', border: 4 });
  const panel = vscode.window.createWebviewPanel(
    'chunkPartitioner.invite',
    vscode.l10n.t('Invite'),
    vscode.ViewColumn.Active,
    { enableScripts: false, enableForms: false, enableCommandUris: false, localResourceRoots: [] },
  );
  panel.webview.html = page(invite, svg);
  const left = Math.min(Math.max(invite.expiresAt - Date.now(), 0), longestDelay);
  const timer = setTimeout(() => {
    panel.dispose();
  }, left);
  panel.onDidDispose(() => {
    clearTimeout(timer);
  });
}

function page({ bounds }: NewInvite, svg: string): string {
  const nonce = randomBytes(16).toString('base64');
  const picture = `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
  const words = {
    title: vscode.l10n.t('Invite a Peer'),
    scan: vscode.l10n.t('Scan this with the machine that is to join the group.'),
    secret: vscode.l10n.t('Whoever sees it first comes in: show it to nobody else, and close it.'),
    alternative: vscode.l10n.t('QR code of the invite link'),
  };
  return `<!DOCTYPE html>
<html lang="${escaped(vscode.env.language)}">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy"
      content="default-src 'none'; img-src data:; style-src 'nonce-${nonce}'">
    <title>${escaped(words.title)}</title>
    <style nonce="${nonce}">
      body { display: grid; justify-items: center; gap: 0.5rem; padding: 1.5rem; text-align: center; }
      h1 { font-size: 1.3rem; font-weight: normal; margin: 0; }
      p { margin: 0; max-width: 40rem; }
      img { width: min(60vh, 90vw, 28rem); background: white; image-rendering: pixelated; }
      .secret { color: var(--vscode-editorWarning-foreground); }
    </style>
  </head>
  <body>
    <h1>${escaped(words.title)}</h1>
    <p>${escaped(words.scan)} ${escaped(bounds)}</p>
    <img src="${picture}" alt="${escaped(words.alternative)}">
    <p class="secret">${escaped(words.secret)}</p>
  </body>
</html>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${String(character.charCodeAt(0))};`);
}
