import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Desk } from '../desk.js';
import { sharedDesk } from '../sharedDesk.js';

describe('case 11: a download whose target exists', () => {
  const names = ['taken one.txt', 'taken two.txt'] as const;
  let desk: Desk;
  let folder: string;
  before(async function () {
    desk = await sharedDesk(this);
    folder = desk.scratch.at('taken');
    await mkdir(folder);
    for (const name of names) {
      await writeFile(desk.at(name), `shared: ${name}`);
      await desk.share(name);
      await writeFile(path.join(folder, name), 'mine');
    }
  });

  const content = (name: string): string => readFileSync(path.join(folder, name), 'utf8');

  /** Selects both rows, downloads them into the folder, and answers the question about each in its order. */
  async function download(...answers: readonly string[]): Promise<void> {
    const { workbench } = desk;
    await workbench.tidy();
    await workbench.showViews();
    await workbench.row('Files', names[0]).click();
    await workbench.row('Files', names[1]).click({ modifiers: ['ControlOrMeta'] });
    await workbench.row('Files', names[1]).click({ button: 'right' });
    await workbench.choose('Download File…');
    await workbench.choosePath('', `${folder}/`);
    for (const [index, answer] of answers.entries()) {
      // The question before has the same rows, and hands them over to this one.
      await workbench.page
        .locator('.quick-input-widget', { hasText: `${names[index]} exists already` })
        .locator('.monaco-list-row', { hasText: answer })
        .first()
        .waitFor();
      await workbench.screenshot(`11-${answer.toLowerCase().replaceAll(' ', '-')}`);
      await workbench.pick(answer);
    }
  }

  it('leaves all as it is on No to All, and goes on with the rest', async () => {
    await download('No to All');
    await desk.workbench.notification('Skipped 2 items that exist already').waitFor();
    assert.deepEqual(names.map(content), ['mine', 'mine']);
  });

  it('keeps both, or replaces', async () => {
    await download('Keep Both', 'Replace');
    await desk.workbench.notification('Downloaded 2 items').waitFor();
    assert.deepEqual(names.map(content), ['mine', `shared: ${names[1]}`]);
    assert.equal(content('taken one (2).txt'), `shared: ${names[0]}`);
  });

  it('skips one, and takes the other for what it is: the same', async () => {
    await download('Skip', 'Resume');
    await desk.workbench.notification(/Downloaded 1 item.*Skipped taken one\.txt/).waitFor();
    assert.deepEqual(names.map(content), ['mine', `shared: ${names[1]}`]);
    await desk.workbench.screenshot('11-on-exists');
  });
});
