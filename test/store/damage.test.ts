import assert from 'node:assert/strict';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createHash } from 'node:crypto';
import { openDatabase } from '../../src/store/state/openDatabase.js';
import { makeShare } from './support/makeShare.js';
import { commitShard, sealShard } from './support/putShard.js';
import { rejectsWith } from './support/rejectsWith.js';
import { storeFixture } from './support/storeFixture.js';

describe('damaged files of the store', () => {
  const fixture = storeFixture();

  const record = { kind: 'record', id: sha('r'), bytes: Buffer.from('r') } as const;

  /** A closed store with a committed share, a receipted one, a record and a setting. */
  const filled = async () => {
    const dataDir = fixture.dataDir();
    const store = await fixture.open(dataDir);
    const share = makeShare(20_000, 2, 1);
    await commitShard(store.shards, share, 1);
    await sealShard(store.shards, makeShare(20_000, 2, 1), 0);
    await Promise.all([store.state.append([record]), store.state.setSetting('group', 'g1')]);
    await store.state.setSetting('group', 'g2');
    const epoch = await store.state.databaseEpoch();
    await store.close();
    return { dataDir, share, epoch, database: path.join(dataDir, 'state.db') };
  };

  const expectRebuilt = async ({ dataDir, share, epoch }: Awaited<ReturnType<typeof filled>>) => {
    const store = await fixture.open(dataDir);
    const { state, recovery } = store;
    assert.deepEqual([recovery?.shares, recovery?.records, recovery?.settings], [1, 1, 1]);
    assert.deepEqual(recovery?.skipped, []);
    assert.notEqual(await state.databaseEpoch(), epoch);
    const row = await state.getShare(share.shareId);
    assert.deepEqual(row?.manifest, share.manifest);
    assert.deepEqual([row.listed, row.name, row.authorId], [true, null, share.authorId]);
    assert.equal((await state.receipts(share.shareId)).length, 3);
    assert.deepEqual(await state.records(), [new Uint8Array(record.bytes)]);
    assert.equal(await state.getSetting('group'), 'g2');
    assert.equal(await state.lastSeq(), 5);
    assert.equal((await store.shards.allHeld()).length, 2);
    await store.close();
    const again = await fixture.open(dataDir);
    assert.equal(again.recovery, null);
    assert.equal(await again.state.countShares(), 1);
    await again.close();
    return recovery.setAside;
  };

  it('sets a database of garbage aside and rebuilds it', async () => {
    const before = await filled();
    writeFileSync(before.database, 'this is no database, this is no database'.repeat(300));
    const setAside = await expectRebuilt(before);
    assert.match(setAside ?? '', /state\.db\.damaged-/);
    assert.ok(existsSync(setAside ?? ''));
  });

  it('sets a database with a damaged page aside and rebuilds it', async () => {
    const before = await filled();
    const bytes = readFileSync(before.database);
    // The root of every table but the schema.
    bytes.fill(0xa5, 4096);
    writeFileSync(before.database, bytes);
    assert.ok(await expectRebuilt(before));
  });

  it('sets aside one whose damage a quick look does not meet', async () => {
    for (const table of ['log', 'log_records']) {
      const { dataDir, database } = await filled();
      const sql = new DatabaseSync(database);
      const found = sql.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').get(table);
      sql.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      sql.close();
      const page = Number(found?.['rootpage']);
      assert.ok(page > 1);
      const bytes = readFileSync(database);
      bytes.fill(0xa5, (page - 1) * 4096, page * 4096);
      writeFileSync(database, bytes);
      const opened = openDatabase(dataDir, 0);
      opened.database.close();
      opened.recovery.close();
      assert.match(opened.report?.setAside ?? '', /state\.db\.damaged-/);
      assert.ok(!existsSync(path.join(dataDir, 'state.db.suspect')));
    }
  });

  it('rebuilds a database that is lost or empty', async () => {
    const lost = await filled();
    for (const suffix of ['', '-wal', '-shm']) rmSync(lost.database + suffix, { force: true });
    assert.equal(await expectRebuilt(lost), null);
    const empty = await filled();
    truncateSync(empty.database, 0);
    await expectRebuilt(empty);
  });

  it('keeps the other shares when a manifest file is damaged, and names it', async () => {
    const { dataDir, share, database } = await filled();
    const file = path.join(
      dataDir,
      'shards',
      share.shareId.slice(0, 2),
      `${share.shareId}.manifest`,
    );
    flip(file, 40);
    const store = await fixture.open(dataDir);
    const second = makeShare(100, 1, 1);
    await commitShard(store.shards, second, 0);
    await store.close();
    rmSync(database);
    const rebuilt = await fixture.open(dataDir);
    assert.equal(rebuilt.recovery?.shares, 1);
    assert.equal(rebuilt.recovery.skipped.length, 1);
    assert.ok(rebuilt.recovery.skipped[0]?.includes(share.shareId));
    assert.ok(existsSync(file));
    assert.ok(await rebuilt.state.getShare(second.shareId));
    // The shard is still there; a commit with a good manifest heals the file.
    await rebuilt.shards.commit(share.shareId, 1, share.manifest, share.receipts);
    await rebuilt.close();
    rmSync(database);
    const healed = await fixture.open(dataDir);
    assert.equal(healed.recovery?.shares, 2);
  });

  it('cuts a torn tail off the recovery log and steps over rot', async () => {
    const { dataDir, database } = await filled();
    const log = path.join(dataDir, 'recovery.log');
    appendFileSync(log, Buffer.from([200, 0, 0, 0, 1, 2, 3]));
    const store = await fixture.open(dataDir);
    await store.state.setSetting('later', 'x');
    await store.close();
    flip(log, 37);
    rmSync(database);
    const again = await fixture.open(dataDir);
    assert.equal(await again.state.getSetting('later'), 'x');
    assert.equal(again.recovery?.records, 0);
    assert.equal(again.recovery.settings, 2);
  });

  it('does not touch the database of a newer version', async () => {
    const { dataDir, database } = await filled();
    const newer = new DatabaseSync(database);
    newer.exec('PRAGMA journal_mode = DELETE; PRAGMA user_version = 99');
    newer.close();
    copyFileSync(database, `${database}.copy`);
    const error = await rejectsWith('unsupported', () => fixture.open(dataDir));
    assert.equal(error.details?.['found'], 99);
    assert.deepEqual(readFileSync(database), readFileSync(`${database}.copy`));
  });

  it('names the chunks of a shard that rotted, were misplaced, or are missing', async () => {
    const { dataDir, share } = await filled();
    const { shareId } = share;
    const file = path.join(dataDir, 'shards', shareId.slice(0, 2), `${shareId}.1.shard`);
    const store = await fixture.open(dataDir);
    flip(file, 512 + 512 * 5 + 100);
    const flipped = await store.shards.scan(shareId, 1);
    assert.deepEqual(flipped.badChunks, [5]);
    assert.notDeepEqual(flipped.root, share.roots[1]);
    flip(file, 512 + 512 * 5 + 100);
    assert.deepEqual((await store.shards.scan(shareId, 1)).root, share.roots[1]);

    const bytes = readFileSync(file);
    bytes.copyWithin(512 + 512 * 2, 512 + 512 * 7, 512 + 512 * 8);
    writeFileSync(file, bytes);
    assert.deepEqual((await store.shards.scan(shareId, 1)).badChunks, [2]);

    const chunks = (statSync(file).size - 512) / 512;
    truncateSync(file, statSync(file).size - 513);
    const short = await store.shards.scan(shareId, 1);
    assert.deepEqual(short.badChunks, [2, chunks - 2, chunks - 1]);
    assert.equal(short.chunksChecked, chunks);
    await rejectsWith('disk', () =>
      store.shards.readPiece(shareId, 1, share.geometry.segments - 1),
    );
  });

  it('does not serve a shard whose prologue is damaged, and leaves the file', async () => {
    const { dataDir, share } = await filled();
    const { shareId } = share;
    const file = path.join(dataDir, 'shards', shareId.slice(0, 2), `${shareId}.1.shard`);
    flip(file, 20);
    const store = await fixture.open(dataDir);
    assert.deepEqual(await store.shards.held(shareId), []);
    await rejectsWith('integrity', () => store.shards.readPiece(shareId, 1, 0));
    assert.ok(existsSync(file));
  });

  it('keeps its files from others', async function () {
    if (process.platform === 'win32') this.skip();
    const { dataDir } = await filled();
    const store = await fixture.open(dataDir);
    await store.state.setSetting('a', 'b');
    for (const item of readdirSync(dataDir, { recursive: true, withFileTypes: true })) {
      const mode = statSync(path.join(item.parentPath, item.name)).mode & 0o777;
      assert.equal(mode, item.isDirectory() ? 0o700 : 0o600, item.name);
    }
  });
});

function sha(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function flip(file: string, position: number): void {
  const bytes = readFileSync(file);
  bytes[position] = (bytes[position] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}
