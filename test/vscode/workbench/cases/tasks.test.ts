import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeRandomFile } from '../../../support/files.js';
import { waitFor } from '../../../support/waitFor.js';
import type { Desk } from '../desk.js';
import { sharedDesk } from '../sharedDesk.js';

describe('tasks', () => {
  const type = 'chunk-partitioner';
  const tasks = [
    { label: 'share the build', type, action: 'share', path: '${workspaceFolder}/build.bin' },
    { label: 'fetch the data', type, action: 'fetch', share: 'training.bin', path: 'data/set.bin' },
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

  it('share what was built, and fetch what a run needs', async () => {
    await run('share the build');
    await desk.workbench.row('Files', 'build.bin').waitFor();
    await desk.workbench.screenshot('tasks-share');
    await run('fetch the data');
    const control = await desk.control();
    const fetched = async (): Promise<boolean> => {
      const { transfers } = await control.request('transfers', null);
      return transfers.some(({ kind, name, state }) => {
        return kind === 'get' && name === 'training.bin' && state === 'done';
      });
    };
    await waitFor(control, fetched, 'the data to be fetched');
    await desk.workbench.screenshot('tasks-fetch');
    assert.deepEqual(
      readFileSync(desk.at('data', 'set.bin')),
      readFileSync(join(desk.group.filesDir, 'training.bin')),
    );
  });

  async function run(label: string): Promise<void> {
    const { workbench } = desk;
    const listed = workbench.page.locator('.quick-input-widget', { hasText: label });
    // The editor hears late of a tasks.json in a folder that is new as well.
    for (let times = 0; times < 10 && !(await listed.isVisible()); times += 1) {
      await workbench.page.keyboard.press('Escape');
      await workbench.editorCommand('Tasks: Run Task');
      await listed.waitFor({ timeout: 2_000 }).catch(() => undefined);
    }
    await listed.waitFor();
    await workbench.quickInput().fill(label);
    await workbench.pick(label);
  }
});
