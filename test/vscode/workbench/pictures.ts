/** `npm run pictures`: takes the README's pictures from a real workbench, into `media/`. Look at them before they go in. */
import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import type { ShareInfo } from '../../../src/control/contract.js';
import { flipByte } from '../../support/files.js';
import { repoRoot } from '../host/hostPaths.js';
import { writePng } from '../host/writePng.js';
import { Desk } from './desk.js';
import { MapPage } from './mapPage.js';
import { explorerSubmenu, pageOf, rowMenu } from './shared.js';
import type { Workbench } from './workbench.js';

const size = { width: 1120, height: 660 };
const name = 'nightly-build.tar';
const holders = ['alice', 'bob', 'carol', 'dave'] as const;
const prologueBytes = 512;
const badChunk = 60_000;

async function main(): Promise<void> {
  const desk = await Desk.open();
  try {
    await desk.ready();
    const { workbench } = desk;
    await workbench.page.setViewportSize(size);
    await desk.write(name, 120_000_000);
    await takeShare(desk);
    const control = await desk.control();
    const share = await control.request('find', { share: name });
    await control.request('get', {
      ...{ transferId: randomUUID(), share: share.shareId, path: desk.scratch.at('copy.tar') },
    });
    await takeTree(desk);
    spoilOneChunk(desk, share);
    await takeMap(desk, share);
    await takePeek(desk);
    await takeDiff(desk);
  } finally {
    await desk.close();
  }
}

/** The menu of a file in the Explorer. */
async function takeShare(desk: Desk): Promise<void> {
  const { workbench } = desk;
  const file = await workbench.explorerFile(name);
  await file.click({ button: 'right' });
  await workbench.menuItem('Share with Peers').hover();
  await keep(workbench.page, 'share');
  await workbench.choose('Share with Peers');
  await workbench.notification(`Shared ${name}`).waitFor({ timeout: 120_000 });
  await workbench.closeNotifications();
}

/** Peers, a file with its holders, and transfers. */
async function takeTree(desk: Desk): Promise<void> {
  const { workbench } = desk;
  await workbench.showViews();
  await workbench.row('Files', `${name}, `).click();
  await workbench.row('Files', 'bob, chunks ').waitFor();
  await workbench.widenSideBar(620);
  await restMouse(workbench);
  await keep(workbench.page.locator('.part.sidebar'), 'sidebar');
  await workbench.widenSideBar(300);
}

/** The chunk map of a file with one rotten chunk, while it is downloaded once more. */
async function takeMap(desk: Desk, share: ShareInfo): Promise<void> {
  const { workbench } = desk;
  const map = new MapPage(workbench);
  const control = await desk.control();
  await workbench.row('Files', `${name}, `).click({ button: 'right' });
  await workbench.choose('Open Chunk Map');
  await map.inState('proved').first().waitFor();
  await control.request('verify', { transferId: randomUUID(), share: share.shareId });
  await map.inState('damaged').first().waitFor();
  const got = control.request('get', {
    ...{ transferId: randomUUID(), share: share.shareId, path: desk.scratch.at('again.tar') },
  });
  await desk.heldAt(0.4, name, ...holders);
  await map.inState('damaged').first().click();
  await restMouse(workbench);
  await keep(workbench.page, 'map');
  for (const holder of holders) desk.peer(holder).signal('SIGCONT');
  await got;
}

/** The middle of a log that nobody downloads, searched. */
async function takePeek(desk: Desk): Promise<void> {
  const { workbench } = desk;
  await workbench.tidy();
  await writeFile(desk.at('night-run.log'), log());
  await desk.share('night-run.log');
  await rowMenu(workbench, 'night-run.log, ', 'Peek');
  const page = pageOf(workbench);
  await page.locator('#go-kind').selectOption('offset');
  await page.locator('#go-to').fill('50%');
  await page.locator('#go-to').press('Enter');
  await page.getByText(/\((49|50)%\)/).waitFor();
  await page.locator('#find').fill('retry');
  await page.locator('#find').press('Enter');
  await page.locator('mark', { hasText: 'retry' }).waitFor();
  await restMouse(workbench);
  await keep(workbench.page, 'peek');
}

/** Lines as a build writes them, 60 MB. */
function log(): string {
  const lines: string[] = [];
  for (let line = 0; line < 900_000; line++) {
    const time = new Date(Date.UTC(2026, 0, 1) + line * 70).toISOString();
    const what = line % 40_009 === 7 ? 'WARN  retry 1 of 5: no answer' : 'INFO  compiled in 12 ms';
    lines.push(`${time} worker-${String(line % 8)} ${what} module ${String(line)}`);
  }
  return lines.join('\n');
}

/** A file beside what was shared of it before. */
async function takeDiff(desk: Desk): Promise<void> {
  const { workbench } = desk;
  await workbench.tidy();
  const before = ['export const limits = {', '  retries: 3,', '  waitMs: 500,', '};', ''];
  await mkdir(desk.at('settings'), { recursive: true });
  await writeFile(desk.at('settings', 'limits.ts'), before.join('\n'));
  await desk.share('settings/limits.ts');
  const after = [...before.slice(0, 1), '  retries: 5,', ...before.slice(2, 3), '  jitter: true,'];
  await writeFile(desk.at('settings', 'limits.ts'), [...after, ...before.slice(3)].join('\n'));
  await explorerSubmenu(workbench, 'settings', 'limits.ts', 'Compare with Shared Version');
  const diff = workbench.page.locator('.monaco-diff-editor');
  await diff.locator('.original .line-delete').first().waitFor();
  await diff.locator('.modified .view-line', { hasText: 'jitter' }).waitFor();
  await restMouse(workbench);
  await keep(workbench.page, 'diff');
}

/** Onto the status bar: a row that lay under a menu tells more as long as the mouse is there. */
async function restMouse({ page }: Workbench): Promise<void> {
  await page.mouse.move(600, 645);
  await page.locator('.monaco-hover:visible').first().waitFor({ state: 'hidden' });
}

function spoilOneChunk(desk: Desk, share: ShareInfo): void {
  const { shard } = share.holders.find((one) => one.name === 'bob') ?? { shard: -1 };
  const folder = path.join(desk.peer('bob').dataDir, 'shards');
  const suffix = `${share.shareId}.${String(shard)}.shard`;
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const file = found.find((one) => one.endsWith(suffix));
  if (file === undefined) throw new Error('bob holds nothing of it');
  flipByte(path.join(folder, file), prologueBytes + 512 * badChunk + 300);
}

async function keep(shown: Page | Locator, picture: string): Promise<void> {
  const file = path.join(repoRoot, 'media', `${picture}.png`);
  writePng(file, await shown.screenshot({ animations: 'disabled' }));
}

await main();
