import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { repoRoot } from '../../host/hostPaths.js';
import type { Desk } from '../desk.js';
import { sharedDesk } from '../sharedDesk.js';

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string }[];
    readonly menus: {
      readonly commandPalette: readonly { readonly command: string; readonly when: string }[];
    };
  };
}

describe('case 04: the palette', () => {
  const prefix = 'Chunk Partitioner: ';
  /** High enough for the list of all commands to be on screen at once. */
  const tall = { width: 1280, height: 2600 };
  let desk: Desk;
  before(async function () {
    desk = await sharedDesk(this);
  });

  it('lists no command that needs a row, and all that do not', async () => {
    const { page } = desk.workbench;
    const usual = page.viewportSize();
    await page.setViewportSize(tall);
    await page.keyboard.press('F1');
    await desk.workbench.quickInput().fill(`>${prefix}`);
    const rows = page.locator(`.quick-input-list .monaco-list-row[aria-label^="${prefix}"]`);
    await rows.first().waitFor();
    const labels = await Promise.all(
      (await rows.all()).map((row) => row.getAttribute('aria-label')),
    );
    await desk.workbench.screenshot('04-palette');
    await desk.workbench.dismiss(desk.workbench.quickInput());
    if (usual !== null) await page.setViewportSize(usual);

    const listed = labels.map((label) => label?.slice(prefix.length).split(',')[0]);
    const { hidden, free } = commands();
    assert.ok(hidden.length > 0 && free.length > 10);
    for (const title of hidden) assert.ok(!listed.includes(title), `${title} needs a row`);
    for (const title of free) assert.ok(listed.includes(title), `${title} is not listed`);
  });

  /** Titles of the commands that the palette hides for good, and of those it shows whatever is open. */
  function commands(): { readonly hidden: string[]; readonly free: string[] } {
    const read = (file: string): unknown =>
      JSON.parse(readFileSync(path.join(repoRoot, file), 'utf8'));
    const { contributes } = read('package.json') as Manifest;
    const words = read('package.nls.json') as Record<string, string>;
    const when = new Map(contributes.menus.commandPalette.map((item) => [item.command, item.when]));
    const titles = (wanted: string | undefined): string[] =>
      contributes.commands
        .filter(({ command }) => when.get(command) === wanted)
        .map(({ title }) => words[title.replaceAll('%', '')] ?? title);
    const free = titles(undefined);
    // Two commands may have the same words: one for a row, one for all.
    return { hidden: titles('false').filter((title) => !free.includes(title)), free };
  }
});
