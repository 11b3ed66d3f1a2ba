import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { signManifest, type Manifest } from '../../src/chunk/manifest.js';
import { signReceipt } from '../../src/chunk/receipt.js';
import { signRelease } from '../../src/chunk/release.js';
import { SEALED_INFO_SIZE } from '../../src/chunk/sealedInfo.js';
import { newShareId } from '../../src/chunk/shareId.js';
import { fromHex, toHex } from '../../src/common/bytes.js';
import { newShare } from '../../src/store/facts.js';
import type {
  Fact,
  ListQuery,
  ListText,
  LogEntry,
  LogKind,
  StateStore,
  Store,
} from '../../src/store/store.js';
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

  it('keeps transfers in the order in which they were started, until they are dropped', async () => {
    const dataDir = harness.dataDir();
    const first = await harness.open(dataDir);
    const row = (transferId: string, startedAt: number, task = '{}') => ({
      ...{ transferId, startedAt, task },
    });
    await first.state.putTransfer(row('b', 2));
    await first.state.putTransfer(row('a', 3));
    await first.state.putTransfer(row('c', 1));
    await first.state.putTransfer(row('b', 9, '{"paused":true}'));
    await first.state.dropTransfer('c');
    await first.state.dropTransfer('unknown');
    await first.close();
    const again = await harness.open(dataDir);
    assert.deepEqual(
      [...(await again.state.transfers())],
      [row('b', 2, '{"paused":true}'), row('a', 3)],
    );
    await again.close();
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
    assert.equal(await state.entryAt(2), entry('manifest', 2).id);
    assert.equal(await state.entryAt(4), null);
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
    await state.setCursor('p', { epoch: 'e1', seq: 5, id: 'ab' });
    await state.setCursor('p', { epoch: 'e2', seq: 1, id: null });
    assert.deepEqual({ ...(await state.getCursor('p')) }, { epoch: 'e2', seq: 1, id: null });
  });

  it('undoes a call that fails, and none of its neighbours in the transaction', async () => {
    const results = await Promise.allSettled([
      state.setSetting('before', 'x'),
      // The second entry is no receipt: the first is undone with it.
      state.take([made(1).fact, { ...made(2).words(1)[0], kind: 'manifest' } as unknown as Fact]),
      state.setSetting('after', 'y'),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.equal(await state.getSetting('before'), 'x');
    assert.equal(await state.getSetting('after'), 'y');
    assert.equal(await state.lastSeq(), 0);
  });

  it('takes what becomes known of a share and forgets nothing', async () => {
    const sealed = made(1, { opened: null });
    const first = await state.take([sealed.fact]);
    assert.deepEqual([first.added, first.listed], [[sealed.fact.id], []]);
    assert.deepEqual(ids(await state.unnamedShares(null, 10)), [sealed.shareId]);
    assert.deepEqual(await state.unnamedShares(sealed.shareId, 10), []);
    assert.equal(await state.countShares(), 0);
    const second = await state.take(sealed.words(3));
    assert.deepEqual([second.added.length, second.listed], [3, [sealed.shareId]]);
    const { shareId } = sealed;
    const name = { shareId, name: 'ein Name', kind: 'file', size: 7, sha256: 'ab' } as const;
    await state.nameShares([name]);
    await state.nameShares([{ ...name, name: 'another' }]);
    await state.setVerified(shareId, 99, false);
    const again = await state.take([sealed.fact, ...sealed.words(3)]);
    assert.deepEqual(again, { added: [], listed: [], deleted: [], conflicts: 0, mismatches: 0 });
    const row = await state.getShare(shareId);
    assert.deepEqual(row, {
      ...name,
      ...{ groupId: sealed.share.groupId, authorId: sealed.share.authorId },
      ...{ lineage: sealed.share.lineage, createdAt: 1001, k: 2, m: 2, chunksPerShard: 1 },
      ...{ listed: true, superseded: false, verifiedAt: 99, verifiedOk: false },
      manifest: sealed.fact.bytes,
    });
    assert.deepEqual(await state.unnamedShares(null, 10), []);
    assert.equal(await state.getShare(made(2).shareId), null);
  });

  it('lists a share once enough holders of enough shards confirmed it, in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5, maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 }),
        async (order, sizes) => {
          const one = made(0);
          const facts = order.map((at) => [one.fact, ...one.words(4)][at] ?? one.fact);
          const listed: string[] = [];
          for (let at = 0, page = 0; at < facts.length; page++) {
            const size = sizes[page % sizes.length] ?? 1;
            listed.push(...(await state.take(facts.slice(at, at + size))).listed);
            at += size;
          }
          assert.deepEqual(listed, [one.shareId]);
          assert.equal((await state.heldBy([one.shareId])).length, 4);
        },
      ),
      { numRuns: 20 },
    );
    const few = made(7);
    const holder = few.words(1, 'aa');
    await state.take([few.fact, ...holder, ...few.words(2, 'aa'), ...few.words(3, 'aa')]);
    assert.equal((await state.getShare(few.shareId))?.listed, false, 'one holder of three shards');
  });

  it('lists nothing that a former member shared by the word of others of them, and takes it all the same', async () => {
    const authorId = 'ab'.repeat(32);
    const one = made(31, { authorId });
    const [first, second, third, fourth] = one.words(4);
    assert.ok(first && second && third?.kind === 'receipt' && fourth);
    const gone = third.receipt.holderId;
    const former = [authorId, gone];
    const { listed } = await state.take([one.fact, first, second, third], former);
    assert.deepEqual(listed, []);
    assert.equal((await state.getShare(one.shareId))?.listed, false);
    assert.ok((await state.heldBy([one.shareId])).some(({ holderId }) => holderId === gone));
    const stranger = 'cd'.repeat(32);
    const again = await state.take([fourth], [...former, stranger]);
    assert.deepEqual(again.listed, [one.shareId]);
    // What a member shared was confirmed by whoever was a member then.
    const other = made(32);
    const confirmed = await state.take([other.fact, ...other.words(3)], former);
    assert.deepEqual(confirmed.listed, [other.shareId]);
  });

  it('refuses a second manifest and receipts for other bytes, and takes the rest', async () => {
    const one = made(1);
    await state.take([one.fact, ...one.words(2)]);
    const second = { ...one.fact, id: sha('second'), bytes: new Uint8Array([9]) };
    const [wrong] = one.words(4, 'ff', 'ee'.repeat(32)).slice(3);
    assert.ok(wrong);
    const { added, listed, conflicts, mismatches } = await state.take([
      second,
      wrong,
      ...one.words(3),
    ]);
    assert.deepEqual([added.length, listed, conflicts, mismatches], [1, [one.shareId], 1, 1]);
    assert.deepEqual((await state.getShare(one.shareId))?.manifest, one.fact.bytes);
    assert.equal(await state.lastSeq(), 4);
    // Signed anew, it says what is known.
    const anew = one.words(1).map((fact) => ({ ...fact, id: sha('anew') }));
    assert.deepEqual((await state.take(anew)).added, []);
  });

  it('tells which entries are in the log', async () => {
    const one = made(1);
    await state.take([one.fact]);
    assert.deepEqual(await state.knownEntries([sha('x'), one.fact.id]), [one.fact.id]);
  });

  it('finds listed shares by name and id prefix', async () => {
    const all = [1, 2].map((number) => made(number, { name: 'a' }));
    for (const one of all) await state.take([one.fact, ...one.words(3)]);
    const unlisted = made(3, { name: 'a' });
    await state.take([unlisted.fact]);
    const [first, second] = all.map(({ shareId }) => shareId);
    assert.ok(first !== undefined && second !== undefined);
    assert.deepEqual(ids(await state.findShares({ name: 'a' }, 10)), [second, first]);
    assert.deepEqual(ids(await state.findShares({ name: 'a' }, 1)), [second]);
    assert.deepEqual(ids(await state.findShares({ name: "a' OR 1=1" }, 9)), []);
    assert.deepEqual(ids(await state.findShares({ name: '' }, 9)), []);
    assert.deepEqual(ids(await state.findShares({ idPrefix: second.slice(0, 7) }, 9)), [second]);
    assert.deepEqual(ids(await state.findShares({ idPrefix: second }, 9)), [second]);
    assert.deepEqual(ids(await state.findShares({ idPrefix: unlisted.shareId }, 9)), []);
    assert.deepEqual(ids(await state.findShares({ idPrefix: '%' }, 9)), []);
    assert.deepEqual(ids(await state.findShares({}, 9)), []);
  });

  it('knows the newest version of a file, in whatever order versions are listed', async () => {
    for (const order of [
      [1, 2, 3],
      [3, 2, 1],
      [2, 3, 1],
    ]) {
      const own = await harness.open();
      const versions = [1, 2, 3].map((number) =>
        made(number, { lineage: 'ab'.repeat(16), name: 'a' }),
      );
      const other = made(4, { lineage: 'ab'.repeat(16), name: 'a', authorId: 'b'.repeat(64) });
      for (const one of [...order.map((number) => versions[number - 1]), other]) {
        if (one !== undefined) await own.state.take([one.fact, ...one.words(3)]);
      }
      const newest = await own.state.findShares({ name: 'a', newest: true }, 9);
      assert.deepEqual(ids(newest), [other.shareId, versions[2]?.shareId]);
      assert.equal((await own.state.findShares({ name: 'a' }, 9)).length, 4);
      await own.close();
    }
  });

  it('pages through listed shares, newest first, each once', async () => {
    const times = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(times, fc.integer({ min: 1, max: 5 }), async (created, limit) => {
        const own = await harness.open();
        const all = created.map((createdAt, number) => made(number, { createdAt }));
        await own.state.take(all.flatMap((one) => [one.fact, ...one.words(3)]));
        const seen: string[] = [];
        let cursor: string | null = null;
        do {
          const page: Awaited<ReturnType<StateStore['listShares']>> = await own.state.listShares(
            cursor,
            limit,
          );
          assert.ok(page.shares.length <= limit);
          seen.push(...ids(page.shares));
          cursor = page.cursor;
        } while (cursor !== null);
        const expected = all.sort(
          (a, b) => b.share.createdAt - a.share.createdAt || (a.shareId < b.shareId ? 1 : -1),
        );
        assert.deepEqual(seen, ids(expected));
        assert.deepEqual(
          (await listed(own.state, { order: 'newest' }, limit)).map(shareIdOf),
          seen,
        );
        assert.equal(await own.state.countShares(), created.length);
        await own.close();
      }),
      { numRuns: 8 },
    );
    await rejectsWith('usage', () => state.listShares('; DROP TABLE shares', 5));
  });

  it('lists by name and by the start of names, page after page', async () => {
    const names = ['b', 'a', 'ab', 'aB', 'é', 'a"[],', '報告', 'ab', '\u{1f600}', '%', 'a%'];
    const all = names.map((name, number) => made(number, { name }));
    await state.take(all.flatMap((one) => [one.fact, ...one.words(3)]));
    const bytewise = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    for (const limit of [1, 2, 3, 11, 12]) {
      const rows = await listed(state, { order: 'name' }, limit);
      assert.deepEqual(
        rows.map(([name]) => name),
        bytewise,
      );
      assert.equal(new Set(rows.map(shareIdOf)).size, names.length);
      for (const prefix of ['a', 'ab', 'é', '%', '報', 'no']) {
        assert.deepEqual(
          (await listed(state, { order: 'newest', prefix }, limit)).map(([name]) => name),
          bytewise.filter((name) => name.startsWith(prefix)),
        );
      }
    }
    for (const cursor of ['1:' + 'a'.repeat(32), 'x', 'a'.repeat(32)]) {
      await rejectsWith('usage', () => state.listText({ order: 'name', cursor, limit: 5 }));
    }
    await rejectsWith('usage', () =>
      state.listText({ order: 'newest', cursor: 'a'.repeat(32), limit: 5 }),
    );
  });

  it('lists each share once while others come in', async () => {
    const there = Array.from({ length: 20 }, (_, number) =>
      made(number, { createdAt: number * 2 }),
    );
    await state.take(there.flatMap((one) => [one.fact, ...one.words(3)]));
    for (const order of ['newest', 'name'] as const) {
      let late = 100;
      const rows = await listed(state, { order }, 3, async () => {
        // One before and one after the place that was reached.
        const more = [1, 39].map((createdAt) => made(late++, { createdAt }));
        await state.take(more.flatMap((one) => [one.fact, ...one.words(3)]));
      });
      const seen = rows.map(shareIdOf);
      assert.equal(new Set(seen).size, seen.length);
      assert.ok(there.every(({ shareId }) => seen.includes(shareId)));
    }
  });

  it('tells of each row what a list shows', async () => {
    const one = made(1, { name: 'x', authorId: 'a'.repeat(64) });
    const sealed = made(2, { opened: null, authorId: 'b'.repeat(64) });
    await state.take([one.fact, ...one.words(4), sealed.fact, ...sealed.words(3)]);
    const { rows, authors, cursor } = await state.listText({
      ...{ order: 'newest', cursor: null, limit: 10 },
    });
    const [[, , , second], [, , , first]] = JSON.parse(rows) as [Row, Row];
    assert.deepEqual(JSON.parse(rows), [
      ['', null, null, second, 1002, 2, 2, 1, 0, sealed.shareId],
      ['x', 'file', 10, first, 1001, 2, 2, 2, 0, one.shareId],
    ]);
    assert.deepEqual(authors, { [first]: 'a'.repeat(64), [second]: 'b'.repeat(64) });
    assert.equal(cursor, null);
    const [gone] = await state.heldBy([one.shareId]);
    assert.ok(gone);
    const without = await state.listText({
      ...{ order: 'newest', cursor: null, limit: 10, without: [gone.holderId, 'nobody'] },
    });
    assert.deepEqual(
      (JSON.parse(without.rows) as Row[]).map((row) => row[7]),
      [0, 1],
    );
  });

  it('counts the shards that each peer says it holds', async () => {
    const one = made(1);
    await state.take([one.fact, ...one.words(3)]);
    await state.take(one.words(3));
    const rows = await state.receipts(one.shareId);
    assert.deepEqual(
      rows.map(({ shard, counts }) => [shard, counts]),
      [0, 1, 2].map((shard) => [shard, true]),
    );
    const expected = new Map(rows.map(({ holderId }) => [holderId, 1]));
    assert.deepEqual(await state.shardsByHolder(), expected);
    assert.deepEqual(await state.receipts(made(2).shareId), []);
  });

  it('counts a receipt until it is released, and one of a later round again, in whatever order', async () => {
    // Of shard 3: confirmed, given up, taken again. All orders of what was said have to come to the same.
    const said = fc.shuffledSubarray(['r0', 'x0', 'r1', 'x1', 'r2', 'manifest'], { minLength: 6 });
    await fc.assert(
      fc.asyncProperty(said, fc.integer({ min: 3, max: 6 }), async (order, length) => {
        const own = await harness.open();
        const one = made(1);
        const facts = order.slice(0, length).map((what) => {
          if (what === 'manifest') return one.fact;
          const round = Number(what.slice(1));
          return what.startsWith('r') ? one.word(3, round) : one.release(3, round);
        });
        await own.state.take(one.words(3));
        for (const fact of facts) await own.state.take([fact]);
        const known = order.slice(0, length);
        const rounds = (kind: string): number =>
          Math.max(-1, ...known.filter((w) => w.startsWith(kind)).map((w) => Number(w.slice(1))));
        const holds = rounds('r') > rounds('x');
        const { holderId } = one.release(3, 0).release;
        const isListed = known.includes('manifest');
        const held = await own.state.heldBy([one.shareId]);
        assert.equal(held.length, isListed ? (holds ? 4 : 3) : 0);
        assert.equal((await own.state.shardsByHolder()).get(holderId) ?? 0, holds ? 1 : 0);
        assert.deepEqual(
          await own.state.heldOf(holderId, null, 9),
          isListed && holds ? [{ shareId: one.shareId, shard: 3, holderId }] : [],
        );
        const word = await own.state.wordOf(one.shareId, 3, holderId);
        assert.equal(word.released ?? -1, rounds('x'));
        assert.equal((await own.state.getShare(one.shareId))?.listed ?? false, isListed);
        const again = await own.state.take(facts);
        assert.deepEqual(again.added, []);
        await own.close();
      }),
      { numRuns: 25 },
    );
  });

  it('lists a share whose holders have all changed, to whoever learns of it late', async () => {
    const one = made(1);
    const gone = [0, 1, 2].map((shard) => one.release(shard, 0));
    const { listed: late } = await state.take([...gone, ...one.words(3), one.fact]);
    assert.deepEqual(late, [one.shareId]);
    assert.deepEqual(await state.heldBy([one.shareId]), []);
    const { rows } = await state.listText({ order: 'newest', cursor: null, limit: 1 });
    assert.equal((JSON.parse(rows) as Row[])[0]?.[7], -2);
  });

  it('pages through what one holder holds', async () => {
    const all = [1, 2, 3].map((number) => made(number));
    for (const one of all) await state.take([one.fact, ...one.words(3, 'aa')]);
    const holderId = sha('holder aa');
    const expected = all
      .flatMap(({ shareId }) => [0, 1, 2].map((shard) => ({ shareId, shard, holderId })))
      .sort((a, b) => (a.shareId < b.shareId ? -1 : a.shareId > b.shareId ? 1 : a.shard - b.shard));
    const seen = [];
    for (let after = null, page; ; after = page.at(-1) ?? null) {
      page = await state.heldOf(holderId, after, 2);
      if (page.length === 0) break;
      seen.push(...page);
    }
    assert.deepEqual(seen, expected);
    assert.deepEqual(await state.heldOf('nobody', null, 5), []);
    const { shareId = '' } = all[0] ?? {};
    assert.deepEqual(await state.wordOf(shareId, 0, holderId), { received: 0, released: null });
    assert.deepEqual(await state.wordOf(shareId, 0, 'x'), { received: null, released: null });
  });

  it('keeps who has been away', async () => {
    await state.putAbsences(new Map(Object.entries({ a: 1.4, b: 2 })));
    await state.putAbsences(new Map(Object.entries({ b: 3, c: 4 })));
    assert.deepEqual(await state.absences(), new Map(Object.entries({ b: 3, c: 4 })));
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

type Row = [string, string | null, number | null, number, ...number[], string];

function shareIdOf(row: Row): unknown {
  return row.at(-1);
}

/** All rows of a list, page after page; `between` runs after each page. */
async function listed(
  state: StateStore,
  query: Pick<ListQuery, 'order' | 'prefix'>,
  limit: number,
  between: () => Promise<void> = () => Promise.resolve(),
): Promise<Row[]> {
  const all: Row[] = [];
  let cursor: string | null = null;
  do {
    const page: ListText = await state.listText({ ...query, cursor, limit });
    const rows = JSON.parse(page.rows) as Row[];
    assert.ok(rows.length <= limit && (page.cursor === null || rows.length === limit));
    all.push(...rows);
    cursor = page.cursor;
    if (all.length < 60) await between();
  } while (cursor !== null);
  return all;
}

function ids(rows: readonly { readonly shareId: string }[]): string[] {
  return rows.map(({ shareId }) => shareId);
}

function sha(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export interface Change {
  readonly name?: string;
  readonly createdAt?: number;
  readonly lineage?: string;
  readonly authorId?: string;
  readonly predecessor?: string;
  readonly opened?: null;
}

/** A share of 2+2 whose signatures nobody checks. */
export function made(number: number, change: Change = {}) {
  const { name = `file ${String(number)}`, createdAt = 1000 + number } = change;
  const { authorId = 'a'.repeat(64) } = change;
  const group = new Uint8Array(32).fill(0xcc);
  const own = newShareId(group, fromHex(authorId));
  const shareId = toHex(own.shareId);
  const roots = [0, 1, 2, 3].map((shard) => sha(`root ${String(shard)} of ${shareId}`));
  const manifest: Manifest = {
    ...{ ...own, groupId: group, authorId: fromHex(authorId), createdAt: Math.trunc(createdAt) },
    geometry: { k: 2, m: 2, q: 1, segments: 1, lastQ: 1 },
    roots: roots.map(fromHex),
    ...{ epoch: new Uint8Array(32), salt: new Uint8Array(16) },
    predecessor: change.predecessor === undefined ? null : fromHex(change.predecessor),
    lineage: change.lineage === undefined ? own.shareId : fromHex(change.lineage),
    sealed: new Uint8Array(SEALED_INFO_SIZE),
  };
  const bytes = signManifest(manifest, () => new Uint8Array(64).fill(1));
  const opened = { name, kind: 'file', size: 10, sha256: 'ff' } as const;
  const share = newShare(manifest, change.opened === null ? null : opened);
  const fact: Fact = { kind: 'manifest', id: sha(toHex(bytes)), bytes, share };
  /** Receipts of the first shards by one holder each, or by the same. */
  const words = (count: number, holder?: string, root?: string): Fact[] =>
    roots.slice(0, count).map((rootOfShard, shard) => {
      const holderId = sha(`holder ${holder ?? String(shard)}`);
      return receiptFact(own.shareId, shard, root ?? rootOfShard, holderId);
    });
  /** Of the holder that {@link words} names for the shard. */
  const word = (shard: number, round: number): Fact =>
    receiptFact(own.shareId, shard, roots[shard] ?? '', sha(`holder ${String(shard)}`), round);
  const release = (shard: number, round: number): Extract<Fact, { kind: 'release' }> => {
    const holderId = sha(`holder ${String(shard)}`);
    const fields = { groupId: new Uint8Array(32), shareId: own.shareId, shard, round };
    const signed = signRelease({ ...fields, holderId: fromHex(holderId) }, () =>
      new Uint8Array(64).fill(1),
    );
    return {
      ...{ kind: 'release', id: sha(toHex(signed)), bytes: signed },
      release: { shareId, shard, holderId, round },
    };
  };
  return { shareId, share, fact, words, word, release };
}

function receiptFact(
  share: Uint8Array,
  shard: number,
  root: string,
  holderId: string,
  round = 0,
): Fact {
  const again = round === 0 ? {} : { round };
  const signed = signReceipt(
    {
      ...{ groupId: new Uint8Array(32), shareId: share, shard, segments: 1, at: 1, ...again },
      ...{ root: fromHex(root), holderId: fromHex(holderId) },
    },
    () => new Uint8Array(64).fill(1),
  );
  return {
    ...{ kind: 'receipt', id: sha(toHex(signed)), bytes: signed },
    receipt: { shareId: toHex(share), shard, segments: 1, root, holderId, ...again },
  };
}

function entry(kind: LogKind, number: number, size = 10): Omit<LogEntry, 'seq'> {
  const bytes = new Uint8Array(size).fill(number);
  return { kind, id: createHash('sha256').update(bytes).digest('hex'), bytes };
}
