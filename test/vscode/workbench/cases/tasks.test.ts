import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeRandomFile } from '../../../support/files.js';
import type { Desk } from '../desk.js';
import { sharedDesk } from '../sharedDesk.js';

describe('tasks', () => {
  const type = 'chunk-partitioner';
  const tasks = [
    { label: 'share the build', type, action: 'share', path: '${workspaceFolder}/build.bin' },
    { label: 'fetch the data', type, action: 'fetch', share: 'training.bin', path: 'data/set.bin' },
    { label: 'steal', type, action: 'share', path: '../home' },
  ];
  let desk: Desk;
  before(async function () {
    desk = await sharedDesk(this);
    mkdirSync(desk.at('.vscode'), { recursive: true });
    mkdirSync(desk.at('data'), { recursive: true });
    writeFileSync(desk.at('.vscode', 'tasks.json'), JSON.stringify({ version: '2.0.0', tasks }));
    await desk.write('build.bin', 40_000);
    const file = join(desk.group.filesDir, 'training.bin');
    await writeRandomFile(file, 60_000);
    await desk.peer('carol').ok(['share', file]);
    await desk.workbench.row('Files', 'training.bin').waitFor();
  });
  after(async () => {
    rmSync(desk.at('.vscode'), { recursive: true });
    await desk.workbench.editorCommand('Terminal: Kill All Terminals');
  });

  it('share what was built, and print the link to it', async () => {
    await run('share the build');
    await desk.workbench.row('Files', 'build.bin').waitFor();
    await says('chunk-partitioner://share/');
    await desk.workbench.screenshot('tasks-share');
  });

  it('fetch what a run needs, once', async () => {
    const target = desk.at('data', 'set.bin');
    await run('fetch the data');
    await says('proved here');
    assert.deepEqual(readFileSync(target), readFileSync(join(desk.group.filesDir, 'training.bin')));
    await run('fetch the data');
    await says('is here already');
    await desk.workbench.screenshot('tasks-fetch');
  });

  it('touch nothing outside of the workspace', async () => {
    await run('steal');
    await says('lies outside of the workspace');
    const control = await desk.control();
    const { shares } = await control.request('list', { cursor: null, limit: 200 });
    assert.ok(shares.every(({ name }) => name !== 'home'));
    assert.ok(existsSync(desk.scratch.at('home')));
  });

  async function run(label: string): Promise<void> {
    const { workbench } = desk;
    await workbench.page.keyboard.press('F1');
    await workbench.quickInput().fill('>Tasks: Run Task');
    await workbench.pick('Tasks: Run Task');
    await workbench.page.locator('.quick-input-widget', { hasText: label }).waitFor();
    await workbench.quickInput().fill(label);
    await workbench.pick(label);
  }

  /** Waits until the terminal that is shown says so; long lines are wrapped there. */
  async function says(words: string): Promise<void> {
    const shown = `[...document.querySelectorAll('.terminal-wrapper.active .xterm-rows > div')]
      .map((row) => row.textContent).join('')`;
    const wanted = JSON.stringify(words.replaceAll(' ', ''));
    await desk.workbench.page.waitForFunction(
      `${shown}.replace(/[\\s\\u00a0]/g, '').includes(${wanted})`,
    );
  }
});
