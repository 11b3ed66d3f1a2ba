import assert from 'node:assert/strict';
import { sha256File } from '../../../support/files.js';
import type { Desk } from '../desk.js';
import { sharedDesk } from '../sharedDesk.js';

describe('case 02: three files and a folder, selected together', () => {
  const files = ['README.md', 'notes.txt', 'sketch.bin'] as const;
  let desk: Desk;
  before(async function () {
    desk = await sharedDesk(this);
    await desk.write('sketch.bin', 70_000);
  });

  it('are shared together, each as what it is', async () => {
    const { workbench } = desk;
    await desk.shareFromExplorer(...files, 'pictures');
    await workbench.notification('Shared 4 items').waitFor();
    await workbench.showViews();
    for (const file of files) await workbench.row('Files', `${file}, `).waitFor();
    await workbench.row('Files', 'pictures, ').waitFor();
    await workbench.screenshot('02-multi-select');

    const control = await desk.control();
    const { shares } = await control.request('shares', { cursor: null, limit: 200 });
    for (const file of files) {
      const share = shares.find(({ name }) => name === file);
      assert.equal(share?.kind, 'file');
      assert.equal(share.sha256, await sha256File(desk.at(file)));
    }
    const folder = shares.find(({ name }) => name === 'pictures');
    assert.equal(folder?.kind, 'folder');
    const { entries } = await control.request('entries', {
      share: folder.shareId,
      cursor: null,
      limit: 100,
    });
    assert.deepEqual(
      entries.map((entry) => entry.path),
      ['caption.txt'],
    );
  });
});
