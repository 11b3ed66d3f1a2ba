import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { LogEntry, LogKind, ShareRow, StateStore, Store } from '../../src/store/store.js';
import type { StoreHarness } from './storeContract.js';
import { rejectsWith } from './support/rejectsWith.js';

export function stateContract(harness: StoreHarness): void {
  let store: Store;
  let state: StateStore;
  beforeEach(async () => {
    store = await harness.open();
    state = store.state;
  });
  afterEach(() => store.close());

  it('names the database once and for all', async () => {
    const dataDir = harness.dataDir();
    const first = await harness.open(dataDir);
    const epoch = await first.state.databaseEpoch();
    await first.close();
    const again = await harness.open(dataDir);
    assert.equal(await again.state.databaseEpoch(), epoch);
    assert.notEqual(await state.databaseEpoch(), epoch);
    assert.equal(again.recovery, null);
    await again.close();
  });

  it('keeps settings', async () => {
    assert.equal(await state.getSetting('a'), null);
    await state.setSetting('a', '1');
    await state.setSetting('a', '2');
    assert.equal(await state.getSetting('a'), '2');
  });

  it('stores a log entry once and numbers entries without gaps', async () => {
    const entries = [entry('record', 1), entry('manifest', 2), entry('record', 1)];
    const { added, last } = await state.append(entries);
    assert.deepEqual([added.length, last], [2, 2]);
    const again = await state.append([entry('manifest', 2), entry('receipt', 3)]);
    assert.deepEqual([again.added, again.last], [[entry('receipt', 3).id], 3]);
    const log = await state.logAfter(0, 100, 1 << 20);
    assert.deepEqual(
      log.map(({ seq, kind }) => [seq, kind]),
      [
        [1, 'record'],
        [2, 'manifest'],
        [3, 'receipt'],
      ],
    );
    assert.deepEqual(log[1]?.bytes, entry('manifest', 2).bytes);
    assert.deepEqual(await state.records(), [entry('record', 1).bytes]);
    assert.equal(await state.lastSeq(), 3);
  });

  it('pages the log by count and bytes, one entry at least', async () => {
    const entries = Array.from({ length: 10 }, (_, i) => entry('receipt', i, 100));
    await state.append(entries);
    const seqs = async (after: number, count: number, size: number) =>
      (await state.logAfter(after, count, size)).map(({ seq }) => seq);
    assert.deepEqual(await seqs(0, 3, 1e6), [1, 2, 3]);
    assert.deepEqual(await seqs(8, 5, 1e6), [9, 10]);
    assert.deepEqual(await seqs(2, 5, 250), [3, 4]);
    assert.deepEqual(await seqs(2, 5, 1), [3]);
    assert.deepEqual(await seqs(10, 5, 1e6), []);
  });

  it('keeps a cursor for each peer', async () => {
    assert.equal(await state.getCursor('p'), null);
    await state.setCursor('p', 'e1', 5);
    await state.setCursor('p', 'e2', 1);
    assert.deepEqual({ ...(await state.getCursor('p')) }, { epoch: 'e2', seq: 1 });
  });

  it('undoes a call that fails, and none of its neighbours in the transaction', async () => {
    await state.putShare(share(1));
    const results = await Promise.allSettled([
      state.setSetting('before', 'x'),
      state.putShare({ ...share(1), manifest: new Uint8Array([9]) }),
      state.setSetting('after', 'y'),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.equal(await state.getSetting('before'), 'x');
    assert.equal(await state.getSetting('after'), 'y');
  });

  it('takes what becomes known of a share and forgets nothing', async () => {
    const row = share(1, { name: null, size: null, sha256: null, listed: false });
    await state.putShare(row);
    assert.deepEqual(
      (await state.unnamedShares(10)).map(({ shareId }) => shareId),
      [row.shareId],
    );
    assert.equal(await state.countShares(), 0);
    await state.setListed(row.shareId);
    await state.putShare({ ...row, name: 'ein Name', size: 7, sha256: 'ab' });
    await state.putShare(row);
    await state.setVerified(row.shareId, 99, false);
    assert.deepEqual(await state.getShare(row.shareId), {
      ...row,
      name: 'ein Name',
      size: 7,
      sha256: 'ab',
      listed: true,
      verifiedAt: 99,
      verifiedOk: false,
    });
    assert.deepEqual(await state.unnamedShares(10), []);
    assert.equal(await state.getShare(share(2).shareId), null);
  });

  it('refuses a second manifest for a share', async () => {
    await state.putShare(share(1));
    await rejectsWith('exists', () =>
      state.putShare({ ...share(1), manifest: new Uint8Array([1, 2]) }),
    );
  });

  it('finds listed shares by name, id prefix and lineage', async () => {
    await state.putShare(share(1, { name: 'a', lineage: 'l' }));
    await state.putShare(share(2, { name: 'a', lineage: 'm' }));
    await state.putShare(share(3, { name: 'a', listed: false }));
    const ids = (rows: readonly ShareRow[]) => rows.map(({ shareId }) => shareId);
    assert.deepEqual(ids(await state.findShares({ name: 'a' }, 10)), [id(2), id(1)]);
    assert.deepEqual(ids(await state.findShares({ name: 'a' }, 1)), [id(2)]);
    assert.deepEqual(ids(await state.findShares({ name: "a' OR 1=1" }, 9)), []);
    assert.deepEqual(ids(await state.findShares({ lineage: 'l' }, 9)), [id(1)]);
    assert.deepEqual(ids(await state.findShares({ idPrefix: id(2).slice(0, 7) }, 9)), [id(2)]);
    assert.deepEqual(ids(await state.findShares({ idPrefix: id(2) }, 9)), [id(2)]);
    assert.deepEqual(ids(await state.findShares({ idPrefix: id(3) }, 9)), []);
    assert.deepEqual(ids(await state.findShares({ idPrefix: '%' }, 9)), []);
    assert.deepEqual(ids(await state.findShares({}, 9)), []);
  });

  it('pages through listed shares, newest first, each once', async () => {
    const times = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(times, fc.integer({ min: 1, max: 5 }), async (created, limit) => {
        const own = await harness.open();
        await Promise.all(
          created.map((createdAt, i) => own.state.putShare(share(i, { createdAt }))),
        );
        const seen: string[] = [];
        let cursor: string | null = null;
        do {
          const page: Awaited<ReturnType<StateStore['listShares']>> = await own.state.listShares(
            cursor,
            limit,
          );
          assert.ok(page.shares.length <= limit);
          seen.push(...page.shares.map(({ shareId }) => shareId));
          cursor = page.cursor;
        } while (cursor !== null);
        const expected = created
          .map((createdAt, i) => share(i, { createdAt }))
          .sort((a, b) => b.createdAt - a.createdAt || (a.shareId < b.shareId ? 1 : -1));
        assert.deepEqual(
          seen,
          expected.map(({ shareId }) => shareId),
        );
        assert.equal(await own.state.countShares(), created.length);
        await own.close();
      }),
      { numRuns: 8 },
    );
    await rejectsWith('usage', () => state.listShares('; DROP TABLE shares', 5));
  });

  it('counts the shards that each peer says it holds', async () => {
    const receipt = (shard: number, holderId: string) => ({
      shareId: id(1),
      shard,
      holderId,
      root: 'r',
      bytes: new Uint8Array([shard]),
    });
    await state.putReceipts([receipt(0, 'a'), receipt(1, 'b'), receipt(1, 'c')]);
    await state.putReceipts([receipt(1, 'c')]);
    assert.equal((await state.receipts(id(1))).length, 3);
    const expected = new Map(['a', 'b', 'c'].map((holder) => [holder, 1]));
    assert.deepEqual(await state.shardsByHolder(), expected);
    assert.deepEqual(await state.receipts(id(2)), []);
  });

  it('keeps at most eight addresses of a peer', async () => {
    const addresses = Array.from({ length: 12 }, (_, i) => `10.0.0.${String(i)}:1`);
    await state.putPeer({ nodeId: 'p', addresses: ['x:1'], lastSeen: 1, stays: false });
    await state.putPeer({ nodeId: 'p', addresses, lastSeen: 2, stays: true });
    assert.deepEqual(await state.peers(), [
      { nodeId: 'p', addresses: addresses.slice(0, 8), lastSeen: 2, stays: true },
    ]);
  });

  it('redeems an invite for one joiner only, again for the same one, never late', async () => {
    const invite = (tokenHash: string) => ({
      tokenHash,
      groupId: 'g',
      role: 'member',
      expiresAt: 100,
      redeemedBy: null,
    });
    await Promise.all([state.putInvite(invite('t')), state.putInvite(invite('late'))]);
    const joiners = Array.from({ length: 40 }, (_, i) => `joiner-${String(i)}`);
    const answers = await Promise.all(joiners.map((joiner) => state.redeemInvite('t', joiner, 99)));
    assert.deepEqual(new Set(answers.map((row) => row?.redeemedBy)), new Set(['joiner-0']));
    assert.equal((await state.redeemInvite('t', 'joiner-0', 500))?.redeemedBy, 'joiner-0');
    await state.putInvite(invite('t'));
    assert.equal((await state.redeemInvite('t', 'other', 1))?.redeemedBy, 'joiner-0');
    assert.equal((await state.redeemInvite('late', 'joiner-0', 100))?.redeemedBy, null);
    assert.equal(await state.redeemInvite('unknown', 'joiner-0', 1), null);
  });
}

function id(number: number): string {
  return createHash('sha256').update(String(number)).digest('hex').slice(0, 32);
}

function share(
  number: number,
  change: Partial<ShareRow> = {},
): Omit<ShareRow, 'verifiedAt' | 'verifiedOk'> {
  return {
    shareId: id(number),
    groupId: 'g',
    authorId: 'a',
    lineage: 'l',
    createdAt: 1000 + number,
    manifest: new Uint8Array([number]),
    name: `file ${String(number)}`,
    size: 10,
    sha256: 'ff',
    listed: true,
    ...change,
  };
}

function entry(kind: LogKind, number: number, size = 10): Omit<LogEntry, 'seq'> {
  const bytes = new Uint8Array(size).fill(number);
  return { kind, id: createHash('sha256').update(bytes).digest('hex'), bytes };
}
