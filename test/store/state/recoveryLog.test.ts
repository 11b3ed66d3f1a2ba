import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { storeFixture } from '../support/storeFixture.js';

describe('recovery log of the store', () => {
  const fixture = storeFixture();

  for (const damage of ['lost', 'rotted', 'outdated'] as const) {
    it(`completes a recovery log that is ${damage}, before it is needed`, async () => {
      const dataDir = fixture.dataDir();
      const log = path.join(dataDir, 'recovery.log');
      const bytes = new Uint8Array([1, 2, 3]);
      const id = createHash('sha256').update(bytes).digest('hex');
      const store = await fixture.open(dataDir);
      await store.state.setSetting('group', 'g1');
      copyFileSync(log, `${log}.old`);
      await store.state.append([{ kind: 'record', id, bytes }]);
      await store.state.setSetting('group', 'g2');
      await store.close();
      if (damage === 'lost') rmSync(log);
      // A length that cannot be true: nothing behind it is found.
      if (damage === 'rotted') writeFileSync(log, Buffer.alloc(200, 0xff));
      if (damage === 'outdated') copyFileSync(`${log}.old`, log);

      await (await fixture.open(dataDir)).close();
      for (const part of ['', '-wal', '-shm']) {
        rmSync(path.join(dataDir, `state.db${part}`), { force: true });
      }
      const rebuilt = await fixture.open(dataDir);
      assert.deepEqual(await rebuilt.state.records(), [bytes]);
      assert.equal(await rebuilt.state.getSetting('group'), 'g2');
      await rebuilt.close();
    });
  }
});
