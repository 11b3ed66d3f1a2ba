import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { layoutOf } from '../../../src/store/layout.js';
import { openDatabase } from '../../../src/store/state/openDatabase.js';
import { RecoveryLog } from '../../../src/store/state/recoveryLog.js';
import { Reserve } from '../../../src/store/state/reserve.js';
import { BatchRunner } from '../../../src/store/state/stateWorker.js';
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

  const record = (text: string) => {
    const bytes = new Uint8Array(Buffer.from(text));
    return { kind: 'record', id: createHash('sha256').update(bytes).digest('hex'), bytes } as const;
  };
  const [known, last] = [record('known'), record('last')];

  it('gives the database what a process wrote that died before its transaction had ended', async () => {
    const dataDir = fixture.dataDir();
    const store = await fixture.open(dataDir);
    await store.state.append([known]);
    await store.close();
    const log = new RecoveryLog(layoutOf(dataDir).recovery);
    log.addRecord(last.bytes);
    log.flush();
    log.close();
    const again = await fixture.open(dataDir);
    assert.deepEqual(await again.state.records(), [known.bytes, last.bytes]);
    await again.close();
  });

  it('keeps nothing of a transaction that failed', () => {
    const dataDir = fixture.dataDir();
    mkdirSync(dataDir, { recursive: true });
    const { database, recovery } = openDatabase(dataDir);
    const reserve = new Reserve(layoutOf(dataDir).reserve);
    const runner = new BatchRunner(database, recovery, reserve, () => undefined);
    runner.run([{ id: 1, method: 'append', args: [[known]] }]);
    // What refers to nothing is noticed when the transaction ends.
    database.exec(
      'CREATE TABLE one (id INTEGER PRIMARY KEY); CREATE TABLE other (id INTEGER REFERENCES one DEFERRABLE INITIALLY DEFERRED)',
    );
    database.exec(
      'CREATE TRIGGER fails AFTER INSERT ON log BEGIN INSERT INTO other VALUES (1); END',
    );
    const [reply] = runner.run([{ id: 2, method: 'append', args: [[last]] }]);
    assert.ok(reply !== undefined && 'error' in reply);
    database.close();
    recovery.close();
    const log = new RecoveryLog(layoutOf(dataDir).recovery);
    assert.deepEqual(log.recovered.records, [known.bytes]);
    log.close();
  });
});
