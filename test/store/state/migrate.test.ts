import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { decodeManifest } from '../../../src/chunk/manifest.js';
import { decodeReceipt } from '../../../src/chunk/receipt.js';
import { toHex } from '../../../src/common/bytes.js';
import { layoutOf } from '../../../src/store/layout.js';
import { openDatabase } from '../../../src/store/state/openDatabase.js';
import { stateHandlers } from '../../../src/store/state/handlers.js';
import { makeShare } from '../support/makeShare.js';

/** The tables of version 1, as it made them. */
const first = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE log (
    seq INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('record', 'manifest', 'receipt')),
    id TEXT NOT NULL UNIQUE,
    bytes BLOB NOT NULL
  ) STRICT;
  CREATE INDEX log_records ON log (seq) WHERE kind = 'record';
  CREATE TABLE cursors (
    nodeId TEXT PRIMARY KEY, epoch TEXT NOT NULL, seq INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE shares (
    shareId TEXT PRIMARY KEY,
    groupId TEXT NOT NULL,
    authorId TEXT NOT NULL,
    lineage TEXT NOT NULL,
    createdAt INTEGER NOT NULL,
    manifest BLOB NOT NULL,
    name TEXT,
    size INTEGER,
    sha256 TEXT,
    listed INTEGER NOT NULL,
    verifiedAt INTEGER,
    verifiedOk INTEGER
  ) STRICT;
  CREATE INDEX shares_newest ON shares (createdAt DESC, shareId DESC) WHERE listed = 1;
  CREATE INDEX shares_name ON shares (name) WHERE listed = 1;
  CREATE INDEX shares_unnamed ON shares (shareId) WHERE name IS NULL;
  CREATE INDEX shares_lineage ON shares (lineage) WHERE listed = 1;
  CREATE TABLE receipts (
    shareId TEXT NOT NULL,
    shard INTEGER NOT NULL,
    holderId TEXT NOT NULL,
    root TEXT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (shareId, shard, holderId)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE peers (
    nodeId TEXT PRIMARY KEY, addresses TEXT NOT NULL, lastSeen INTEGER NOT NULL, stays INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE invites (
    tokenHash TEXT PRIMARY KEY,
    groupId TEXT NOT NULL,
    role TEXT NOT NULL,
    expiresAt INTEGER NOT NULL,
    redeemedBy TEXT
  ) STRICT, WITHOUT ROWID;
  PRAGMA user_version = 1;
`;

/** Those of version 2. */
const second = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE cursors (
    nodeId TEXT PRIMARY KEY, epoch TEXT NOT NULL, seq INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE peers (
    nodeId TEXT PRIMARY KEY, addresses TEXT NOT NULL, lastSeen INTEGER NOT NULL, stays INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE invites (
    tokenHash TEXT PRIMARY KEY,
    groupId TEXT NOT NULL,
    role TEXT NOT NULL,
    expiresAt INTEGER NOT NULL,
    redeemedBy TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE log (
    seq INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('record', 'manifest', 'receipt')),
    id BLOB NOT NULL UNIQUE,
    bytes BLOB NOT NULL
  ) STRICT;
  CREATE INDEX log_records ON log (seq) WHERE kind = 'record';
  CREATE TABLE ids (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE shares (
    shareId TEXT PRIMARY KEY,
    inGroup INTEGER NOT NULL,
    author INTEGER NOT NULL,
    lineage TEXT NOT NULL,
    createdAt INTEGER NOT NULL,
    entry INTEGER NOT NULL,
    k INTEGER NOT NULL,
    m INTEGER NOT NULL,
    chunksPerShard INTEGER NOT NULL,
    name TEXT NOT NULL,
    kind TEXT,
    size INTEGER,
    sha256 TEXT,
    held INTEGER NOT NULL DEFAULT 0,
    listed INTEGER NOT NULL DEFAULT 0,
    superseded INTEGER NOT NULL DEFAULT 0,
    verifiedAt INTEGER,
    verifiedOk INTEGER
  ) STRICT;
  CREATE INDEX shares_newest ON shares (createdAt DESC, shareId DESC) WHERE listed = 1;
  CREATE INDEX shares_name ON shares (name, shareId) WHERE listed = 1;
  CREATE INDEX shares_unnamed ON shares (shareId) WHERE name = '';
  CREATE INDEX shares_versions ON shares (lineage, author, createdAt, shareId) WHERE listed = 1;
  CREATE TABLE receipts (
    shareId TEXT NOT NULL,
    shard INTEGER NOT NULL,
    holder INTEGER NOT NULL,
    entry INTEGER NOT NULL,
    counts INTEGER NOT NULL,
    PRIMARY KEY (shareId, shard, holder)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE holders (n INTEGER PRIMARY KEY, shards INTEGER NOT NULL) STRICT;
  PRAGMA user_version = 2;
`;

describe('a database that is opened', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = path.join(mkdtempSync(path.join(os.tmpdir(), 'migrate-test-')), 'data');
    mkdirSync(dataDir);
  });
  afterEach(() => {
    rmSync(path.dirname(dataDir), { recursive: true, force: true });
  });

  const open = (wholeUpTo?: number) => {
    const { database, recovery, report } = openDatabase(dataDir, wholeUpTo);
    return {
      ...{ database, report, state: stateHandlers(database, recovery) },
      close: () => {
        database.close();
        recovery.close();
      },
    };
  };

  it('is migrated from version 1, with its places in the log, its names and what was verified', () => {
    const shares = [makeShare(2000, 2, 1), makeShare(100, 1, 1), makeShare(900, 2, 2)];
    const orphan = makeShare(10, 1, 1);
    const [named, sealed, unlisted] = shares;
    assert.ok(named && sealed && unlisted);
    const old = new DatabaseSync(layoutOf(dataDir).database);
    old.exec(first);
    old.exec("INSERT INTO meta VALUES ('epoch', 'e1'); INSERT INTO settings VALUES ('a', 'b')");
    const log = old.prepare('INSERT INTO log (kind, id, bytes) VALUES (?, ?, ?)');
    log.run('record', sha(Buffer.from('r')), Buffer.from('r'));
    const share = old.prepare('INSERT INTO shares VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
    const receipt = old.prepare('INSERT INTO receipts VALUES (?, ?, ?, ?, ?)');
    const addReceipts = (receipts: readonly Uint8Array[], logged: boolean): void => {
      for (const bytes of receipts) {
        const { shareId, shard, holderId, root } = decodeReceipt(bytes);
        receipt.run(toHex(shareId), shard, toHex(holderId), toHex(root), bytes);
        if (logged) log.run('receipt', sha(bytes), bytes);
      }
    };
    for (const one of shares) {
      const manifest = decodeManifest(one.manifest);
      const ids = [toHex(manifest.groupId), one.authorId, toHex(manifest.lineage)];
      const info = one === sealed ? [null, null, null] : ['a name', 5, 'ab'.repeat(32)];
      const isListed = one === unlisted ? 0 : 1;
      const verified = one === named ? [77, 1] : [null, null];
      share.run(
        ...[one.shareId, ...ids, manifest.createdAt, one.manifest, ...info, isListed, ...verified],
      );
      log.run('manifest', sha(one.manifest), one.manifest);
      // The process ended between a receipt and its place in the log.
      addReceipts(one === unlisted ? one.receipts.slice(0, 1) : one.receipts, one !== unlisted);
    }
    addReceipts(orphan.receipts.slice(0, 1), true);
    const before = old.prepare('SELECT seq, kind, bytes FROM log ORDER BY seq').all();
    old.close();

    const { state, report, database, close } = open();
    assert.equal(report, null);
    assert.equal(state.databaseEpoch(), 'e1');
    assert.equal(state.getSetting('a'), 'b');
    assert.deepEqual(
      state.logAfter(0, before.length, 1 << 20).map(({ seq, kind, bytes }) => [seq, kind, bytes]),
      before.map(({ seq, kind, bytes }) => [seq, kind, bytes]),
    );
    assert.equal(state.lastSeq(), before.length + 1);
    assert.deepEqual(state.knownEntries([sha(named.manifest)]), [sha(named.manifest)]);
    const row = state.getShare(named.shareId);
    assert.deepEqual(
      [row?.name, row?.size, row?.listed, row?.verifiedAt, row?.verifiedOk, row?.manifest],
      ['a name', 5, true, 77, true, named.manifest],
    );
    assert.deepEqual(
      state.unnamedShares(null, 9).map(({ shareId }) => shareId),
      [sealed.shareId],
    );
    assert.equal(state.countShares(), 2);
    assert.equal(state.heldBy([named.shareId]).length, 3);
    // A receipt counts once its manifest comes.
    assert.deepEqual(
      state.receipts(orphan.shareId).map(({ counts }) => counts),
      [false],
    );
    assert.equal(
      [...state.shardsByHolder().values()].reduce((sum, one) => sum + one, 0),
      7,
    );
    assert.equal(database.prepare('PRAGMA integrity_check').get()?.['integrity_check'], 'ok');
    close();
    open().close();
  });

  it('is migrated from version 2: it takes tombstones, and versions after those it had', () => {
    const [old, newer] = [makeShare(2000, 2, 1), makeShare(900, 2, 1)];
    const author = decodeManifest(old.manifest);
    const lineage = toHex(author.lineage);
    const database2 = new DatabaseSync(layoutOf(dataDir).database);
    database2.exec(second);
    database2.exec("INSERT INTO meta VALUES ('epoch', 'e2')");
    database2.prepare('INSERT INTO ids VALUES (1, ?), (2, ?)').run('aa', old.authorId);
    const log = database2.prepare('INSERT INTO log VALUES (?, ?, ?, ?)');
    const share = database2.prepare(
      `INSERT INTO shares VALUES (?, 1, 2, ?, ?, ?, 2, 1, 9, 'a', 'file', 5, 'ff', 3, 1, ?, NULL, NULL)`,
    );
    for (const [index, { shareId, manifest }] of [old, newer].entries()) {
      const seq = 3 + index * 5; // with gaps
      log.run(seq, 'manifest', createHash('sha256').update(manifest).digest(), manifest);
      share.run(shareId, lineage, 1000 + index, seq, index === 0 ? 1 : 0);
    }
    database2.close();

    const { state, database, close } = open();
    assert.equal(state.databaseEpoch(), 'e2');
    assert.deepEqual(
      state.logAfter(0, 9, 1 << 20).map(({ seq, bytes }) => [seq, bytes]),
      [
        [3, old.manifest],
        [8, newer.manifest],
      ],
    );
    assert.deepEqual(
      state.versions(old.authorId, lineage, 9).map(({ shareId }) => shareId),
      [newer.shareId, old.shareId],
    );
    const bytes = new Uint8Array([1]);
    const tombstone = { shareId: newer.shareId, signerId: old.authorId };
    state.take([{ kind: 'tombstone', id: sha(bytes), bytes, tombstone }]);
    assert.deepEqual(
      state
        .versions(old.authorId, lineage, 9)
        .map(({ shareId, superseded }) => [shareId, superseded]),
      [[old.shareId, false]],
    );
    assert.equal(database.prepare('PRAGMA integrity_check').get()?.['integrity_check'], 'ok');
    close();
    open().close();
  });

  it('is migrated from version 2, and takes releases from then on', () => {
    const share = makeShare(2000, 2, 1);
    const old = new DatabaseSync(layoutOf(dataDir).database);
    old.exec(second);
    old.exec("INSERT INTO meta VALUES ('epoch', 'e2')");
    const log = old.prepare('INSERT INTO log (kind, id, bytes) VALUES (?, ?, ?)');
    const add = (kind: string, bytes: Uint8Array): void => {
      log.run(kind, Buffer.from(sha(bytes), 'hex'), bytes);
    };
    const manifest = decodeManifest(share.manifest);
    const ids = old.prepare('INSERT INTO ids (id) VALUES (?)');
    const numberOf = (id: Uint8Array): number => Number(ids.run(toHex(id)).lastInsertRowid);
    add('manifest', share.manifest);
    old
      .prepare(
        `INSERT INTO shares (shareId, inGroup, author, lineage, createdAt, entry, k, m, chunksPerShard, name, held, listed)
         VALUES (?, ?, ?, ?, 5, 1, 2, 1, 3, '', 3, 1)`,
      )
      .run(
        share.shareId,
        numberOf(manifest.groupId),
        numberOf(manifest.authorId),
        toHex(manifest.lineage),
      );
    for (const [shard, bytes] of share.receipts.entries()) {
      add('receipt', bytes);
      const holder = numberOf(decodeReceipt(bytes).holderId);
      old
        .prepare('INSERT INTO receipts VALUES (?, ?, ?, ?, 1)')
        .run(share.shareId, shard, holder, shard + 2);
      old.prepare('INSERT INTO holders VALUES (?, 1)').run(holder);
    }
    const before = old.prepare('SELECT seq, kind, bytes FROM log ORDER BY seq').all();
    old.close();

    const { state, report, database, close } = open();
    assert.equal(report, null);
    assert.equal(state.databaseEpoch(), 'e2');
    assert.deepEqual(
      state.logAfter(0, 99, 1 << 20).map(({ seq, kind, bytes }) => [seq, kind, bytes]),
      before.map(({ seq, kind, bytes }) => [seq, kind, bytes]),
    );
    assert.equal(state.heldBy([share.shareId]).length, 3);
    const [{ holderId } = assert.fail()] = state.heldBy([share.shareId]);
    const bytes = Buffer.from('a release');
    const release = { shareId: share.shareId, shard: 0, holderId, round: 0 };
    const taken = state.take([{ kind: 'release', id: sha(bytes), bytes, release }]);
    assert.deepEqual(taken.added, [sha(bytes)]);
    assert.equal(state.heldBy([share.shareId]).length, 2);
    assert.equal(state.getShare(share.shareId)?.listed, true);
    assert.equal(database.prepare('PRAGMA integrity_check').get()?.['integrity_check'], 'ok');
    close();
    open().close();
  });

  it('is left as it was when it cannot be migrated', () => {
    const old = new DatabaseSync(layoutOf(dataDir).database);
    old.exec(first);
    old.exec("INSERT INTO meta VALUES ('epoch', 'e1')");
    old.exec(
      "INSERT INTO shares VALUES ('x', 'g', 'a', 'l', 1, x'00', 'n', 1, 's', 1, NULL, NULL)",
    );
    old.close();
    assert.throws(() => open());
    const again = new DatabaseSync(layoutOf(dataDir).database);
    assert.equal(again.prepare('PRAGMA user_version').get()?.['user_version'], 1);
    assert.equal(again.prepare('SELECT count(*) AS n FROM shares').get()?.['n'], 1);
    again.close();
  });

  it('is read through only while it is small, and when damage was met in it', () => {
    const filled = open();
    const bytes = Buffer.alloc(3000, 1);
    for (let number = 0; number < 50; number++) {
      bytes.writeInt32LE(number);
      filled.state.append([{ kind: 'record', id: sha(bytes), bytes: Buffer.from(bytes) }]);
    }
    // Of small tables and large ones, only the large are damaged.
    const { rootpage } = filled.database
      .prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_log_1'")
      .get() as { rootpage: number };
    filled.database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    filled.close();
    const { database: file, suspect } = layoutOf(dataDir);
    const damaged = readFileSync(file);
    damaged.fill(0xa5, (rootpage - 1) * 4096, rootpage * 4096);
    writeFileSync(file, damaged);

    const large = open(1);
    assert.equal(large.report, null);
    assert.throws(() => large.state.knownEntries([sha(bytes)]));
    large.close();
    writeFileSync(suspect, '');
    const again = open(1);
    assert.ok(again.report?.setAside);
    assert.equal(again.report.records, 50);
    assert.ok(!existsSync(suspect));
    again.close();
  });
});

function sha(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
