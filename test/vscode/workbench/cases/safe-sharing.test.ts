import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import type { Desk } from '../desk.js';
import { sharedDesk } from '../sharedDesk.js';

describe('a folder with what looks like a secret', () => {
  const folder = 'deploy';
  let desk: Desk;
  before(async function () {
    desk = await sharedDesk(this);
    mkdirSync(desk.at(folder, 'keys'), { recursive: true });
    writeFileSync(desk.at(folder, '.env.production'), 'TOKEN=…\n');
    writeFileSync(
      desk.at(folder, 'keys', 'notes'),
      '-----BEGIN PRIVATE KEY-----\n'.padEnd(99, 'A'),
    );
    writeFileSync(desk.at(folder, 'readme.md'), '# How to deploy\n');
  });
  after(() => {
    rmSync(desk.at(folder), { recursive: true });
  });

  it('is asked about, with the names, and not shared when that is not meant', async () => {
    await desk.shareFromExplorer(folder);
    const question = desk.workbench.page.locator('.monaco-dialog-box', { hasText: folder });
    await question.waitFor();
    const text = (await question.textContent()) ?? '';
    assert.ok(text.includes('.env.production') && text.includes('keys/notes'), text);
    await desk.workbench.screenshot('safe-sharing-asks');
    await question.getByRole('button', { name: 'Cancel' }).click();
    await question.waitFor({ state: 'hidden' });
    assert.deepEqual(await shared(), []);
  });

  it('is shared when it is meant', async () => {
    await desk.shareFromExplorer(folder);
    const question = desk.workbench.page.locator('.monaco-dialog-box', { hasText: folder });
    await question.getByRole('button', { name: 'Share All the Same' }).click();
    await desk.workbench.notification(`Shared ${folder}`).waitFor();
    assert.deepEqual(await shared(), [folder]);
  });

  async function shared(): Promise<string[]> {
    const control = await desk.control();
    const { shares } = await control.request('list', { cursor: null, limit: 200 });
    return shares.map(({ name }) => name).filter((name) => name === folder);
  }
});
