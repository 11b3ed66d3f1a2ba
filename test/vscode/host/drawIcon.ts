/** Draws media/icon.png from media/icon.svg; run it after a change of the drawing. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { launchBrowser } from './browser.js';
import { repoRoot } from './hostPaths.js';
import { writePng } from './writePng.js';

async function main(): Promise<void> {
  const svg = await readFile(path.join(repoRoot, 'media', 'icon.svg'), 'utf8');
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 256, height: 256 } });
    await page.setContent(`<body style="margin:0;background:transparent">${svg}</body>`);
    const picture = await page.screenshot({ omitBackground: true });
    writePng(path.join(repoRoot, 'media', 'icon.png'), picture, true);
  } finally {
    await browser.close();
  }
}

void main();
