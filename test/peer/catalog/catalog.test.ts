import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { silentLogger } from '../../../src/common/logger.js';
import { ShareList } from '../../../src/control/server/shareList.js';
import { Catalog } from '../../../src/peer/catalog/catalog.js';
import { decodeInvite } from '../../../src/peer/membership/inviteCode.js';
import type { Membership } from '../../../src/peer/membership/membership.js';
import type { LogKind, Store } from '../../../src/store/store.js';
import { Actor } from '../support/actor.js';
import { admit } from '../support/group.js';
import { MadeFile, type FileOptions } from '../support/madeFile.js';
import { PeerFixture } from '../support/peerFixture.js';
import { rejects } from '../support/rejects.js';

describe('Catalog', () => {
  const author = new Actor('author');
  const actors = Array.from({ length: 4 }, (_, index) => new Actor(`holder ${String(index)}`));
  const actor = (index: number): Actor => actors[index] ?? assert.fail();
  const stranger = new Actor('stranger');
  let fixture: PeerFixture;
  let store: Store;
  let membership: Membership;
  let catalog: Catalog;
  let changes: number;
  before(() => {
    fixture = new PeerFixture();
  });
  beforeEach(async () => {
    store = await fixture.store();
    membership = await fixture.membership(author, store);
    await membership.createGroup('team', 'author');
    for (const one of actors) await admit(membership, one);
    catalog = new Catalog(store.state, membership, silentLogger);
    changes = 0;
    catalog.onDidChange(() => (changes += 1));
  });
  after(() => fixture.remove());

  const make = (more: Partial<FileOptions> = {}): MadeFile =>
    new MadeFile({
      groupId: membership.groupId,
      author,
      epochKey: membership.currentEpoch().key,
      ...more,
    });
  const entries = (kind: LogKind, ...all: Uint8Array[]) => all.map((bytes) => ({ kind, bytes }));
  const receipts = (file: MadeFile, count: number): Uint8Array[] =>
    actors.slice(0, count).map((one, shard) => file.receipt(one, shard));
  const logged = async (): Promise<LogKind[]> =>
    (await store.state.logAfter(0, 1000, 1 << 20))
      .map(({ kind }) => kind)
      .filter((kind) => kind !== 'record');

  it('takes a share with its receipts, and tells it once in the log', async () => {
    const file = make();
    await catalog.take(file.manifest, receipts(file, 4));
    await catalog.take(file.manifest, receipts(file, 4).slice(0, 0));
    assert.deepEqual(await logged(), ['manifest', ...actors.map(() => 'receipt')]);
    const opened = await catalog.open(file.shareId);
    assert.deepEqual(opened.info.contentKey, file.info.contentKey);
    assert.deepEqual(
      (await catalog.locations(file.shareId)).map(({ shard, holderId }) => [shard, holderId]),
      actors.map(({ nodeId }, shard) => [shard, nodeId]),
    );
    assert.ok(changes > 0);
  });

  it('lists a share only when enough different shards are confirmed', async () => {
    const file = make();
    await catalog.merge(entries('manifest', file.manifest));
    await catalog.merge(entries('receipt', ...receipts(file, 2), file.receipt(actor(0), 0)));
    await rejects('not-found', () => catalog.open(file.shareId));
    await rejects('not-found', () => catalog.find('file.bin'));
    assert.equal(await store.state.countShares(), 0);
    await catalog.merge(entries('receipt', file.receipt(actor(2), 2)));
    assert.equal((await catalog.find('file.bin')).shareId, file.shareId);
  });

  it('takes receipts that come before their manifest', async () => {
    const file = make();
    await catalog.merge(entries('receipt', ...receipts(file, 3)));
    assert.deepEqual(await catalog.locations(file.shareId), []);
    await catalog.merge(entries('manifest', file.manifest));
    assert.equal((await catalog.find('file.bin')).shareId, file.shareId);
    assert.equal((await catalog.locations(file.shareId)).length, 3);
  });

  it('lists a share whose manifest comes from one peer while its receipts come from another', async () => {
    const file = make();
    const between = new Catalog(
      {
        ...store.state,
        take: async (facts) => {
          // The receipt was checked without a manifest; the manifest finds receipts without this one.
          await catalog.merge(entries('manifest', file.manifest));
          return await store.state.take(facts);
        },
      },
      membership,
      silentLogger,
    );
    await catalog.merge(entries('receipt', ...receipts(file, 2)));
    await between.merge(entries('receipt', file.receipt(actor(2), 2)));
    assert.equal((await catalog.find('file.bin')).shareId, file.shareId);
  });

  it('refuses a second manifest for a share, and keeps the first', async () => {
    const file = make();
    await catalog.take(file.manifest, receipts(file, 4));
    const second = file.sign({ ...file.info, name: 'other.bin' });
    await rejects('integrity', () => catalog.take(second, []));
    assert.equal(await catalog.merge(entries('manifest', second)), 0);
    assert.equal((await catalog.open(file.shareId)).info.name, 'file.bin');
    assert.equal((await logged()).filter((kind) => kind === 'manifest').length, 1);
  });

  it('refuses manifests of strangers, of other groups, forged and garbled', async () => {
    const foreign = make({ groupId: 'cd'.repeat(32) });
    const strange = make({ author: stranger });
    const forged = make().manifest.slice();
    forged[forged.length - 1] = (forged[forged.length - 1] ?? 0) ^ 1;
    const bad = [foreign.manifest, strange.manifest, forged, new Uint8Array([1]), new Uint8Array()];
    for (const manifest of bad) {
      await assert.rejects(catalog.take(manifest, []));
      assert.equal(await catalog.merge(entries('manifest', manifest)), 0);
    }
    assert.deepEqual(await logged(), []);
    assert.equal(changes, 0);
  });

  it('drops receipts for other bytes, of strangers and forged ones, and keeps the rest', async () => {
    const file = make();
    const forged = file.receipt(actor(1), 1);
    forged[forged.length - 1] = (forged[forged.length - 1] ?? 0) ^ 1;
    const bad = [
      file.receipt(actor(3), 3, new Uint8Array(32)),
      file.receipt(actor(3), 200),
      file.receipt(stranger, 3),
      forged,
      new Uint8Array([7]),
    ];
    await catalog.take(file.manifest, [...bad, ...receipts(file, 3)]);
    assert.equal((await catalog.locations(file.shareId)).length, 3);
    assert.equal(await catalog.merge(entries('receipt', ...bad)), 0);
    assert.equal((await logged()).length, 4);
    await catalog.open(file.shareId);
  });

  it('does not believe a wrong receipt that came before the manifest', async () => {
    const file = make();
    const bad = [file.receipt(actor(3), 3, new Uint8Array(32)), file.receipt(actor(3), 200)];
    await catalog.merge(entries('receipt', ...bad, ...receipts(file, 2)));
    await catalog.merge(entries('manifest', file.manifest));
    await rejects('not-found', () => catalog.open(file.shareId));
    assert.deepEqual(
      (await catalog.locations(file.shareId)).map(({ shard }) => shard),
      [0, 1],
    );
  });

  it('counts no holder that was removed or lost what it held', async () => {
    const known = make();
    await catalog.take(known.manifest, receipts(known, 4));
    await membership.remove(actor(0).nodeId);
    await membership.declareLost(actor(1).nodeId);
    assert.deepEqual(
      (await catalog.locations(known.shareId)).map(({ shard }) => shard),
      [2, 3],
    );
    assert.equal((await catalog.find('file.bin')).shareId, known.shareId);
  });

  it('lists what was confirmed once by holders that are gone since, as those do who heard of it before', async () => {
    await membership.remove(actor(0).nodeId);
    await membership.declareLost(actor(1).nodeId);
    const file = make();
    await catalog.take(file.manifest, receipts(file, 3));
    assert.equal((await catalog.find('file.bin')).shareId, file.shareId);
    assert.deepEqual(
      (await catalog.locations(file.shareId)).map(({ shard }) => shard),
      [2],
    );
  });

  it('lists nothing that those who were removed share, by the word of one of them', async () => {
    await membership.remove(actor(0).nodeId);
    await membership.remove(actor(3).nodeId);
    const file = make({ author: actor(3) });
    await catalog.take(file.manifest, receipts(file, 3));
    await rejects('not-found', () => catalog.find('file.bin'));
    await catalog.merge(entries('receipt', file.receipt(author, 0)));
    assert.equal((await catalog.find('file.bin')).shareId, file.shareId);
  });

  it('takes what somebody shared who was removed since', async () => {
    const file = make({ author: actor(3) });
    await membership.remove(actor(3).nodeId);
    await catalog.merge(entries('manifest', file.manifest));
    await catalog.merge(entries('receipt', ...receipts(file, 3)));
    const found = await catalog.find('file.bin');
    assert.equal(found.authorId, actor(3).nodeId);
    assert.equal(membership.nameOf(found.authorId), 'holder 3');
    assert.equal((await catalog.open(file.shareId)).info.name, 'file.bin');
  });

  it('finds a share by name, by id and by the start of one', async () => {
    const file = make();
    await catalog.take(file.manifest, receipts(file, 4));
    for (const text of ['file.bin', file.shareId, file.shareId.slice(0, 6)]) {
      assert.equal((await catalog.find(text)).shareId, file.shareId);
    }
    for (const text of [file.shareId.slice(0, 5), 'FILE.BIN', '%', '', '../file.bin']) {
      await rejects('not-found', () => catalog.find(text));
    }
  });

  it('means no share by a whole id but that one, whatever others are called', async () => {
    const file = make();
    await catalog.take(file.manifest, receipts(file, 4));
    const bait = make({ author: actor(2), name: file.shareId });
    await catalog.take(bait.manifest, receipts(bait, 4));
    assert.equal((await catalog.find(file.shareId)).shareId, file.shareId);
    await catalog.merge(entries('tombstone', file.tombstone(author)));
    await rejects('not-found', () => catalog.find(file.shareId));
  });

  it('takes no share for another one whose name is the start of its id', async () => {
    const ground = make({ author: actor(2) });
    await catalog.take(ground.manifest, receipts(ground, 4));
    const name = ground.shareId.slice(0, 8);
    assert.equal((await catalog.find(name)).shareId, ground.shareId);
    const honest = make({ name });
    await catalog.take(honest.manifest, receipts(honest, 4));
    const { details } = await rejects('ambiguous', () => catalog.find(name));
    assert.deepEqual(
      (details?.['choices'] as { shareId: string }[]).map(({ shareId }) => shareId).sort(),
      [ground.shareId, honest.shareId].sort(),
    );
  });

  it('means the newest of the versions of one file by one author', async () => {
    const old = make({ createdAt: 1000, lineage: 5 });
    const fresh = make({ createdAt: 2000, lineage: 5 });
    await catalog.take(fresh.manifest, receipts(fresh, 4));
    await catalog.take(old.manifest, receipts(old, 4));
    const found = await catalog.find('file.bin');
    assert.equal(found.shareId, fresh.shareId);
    assert.equal(found.superseded, false);
    assert.equal((await catalog.find(old.shareId)).superseded, true);
  });

  it('lists the choices when different files bear one name', async () => {
    const mine = make({ lineage: 1 });
    const theirs = make({ lineage: 1, author: actor(2) });
    const another = make({ lineage: 2 });
    for (const file of [mine, theirs, another]) {
      await catalog.take(file.manifest, receipts(file, 4));
    }
    const error = await rejects('ambiguous', () => catalog.find('file.bin'));
    const choices = error.details?.['choices'] as { shareId: string; authorName: string }[];
    assert.deepEqual(
      choices.map(({ shareId, authorName }) => `${shareId} ${authorName}`).sort(),
      [`${mine.shareId} author`, `${theirs.shareId} holder 2`, `${another.shareId} author`].sort(),
    );
  });

  it('names a share once the key of its epoch comes, whatever else is sealed with nonsense', async () => {
    const own = actor(0);
    const other = await fixture.store();
    const late = await fixture.membership(own, other);
    const records = membership.roster.accepted;
    const keyless = records.filter(({ body }) => body.t !== 'grant');
    const { code } = await membership.invite('member', 1000, ['h:1']);
    await late.adoptGroup(
      decodeInvite(code),
      keyless.map(({ bytes }) => bytes),
    );
    const slow = new Catalog(other.state, late, silentLogger);
    const file = make();
    // Sealed under another key, and signed as if under the group’s.
    const nonsense = make({ author: actor(3), epochKey: new Uint8Array(32).fill(5) });
    for (const one of [nonsense, file]) await slow.take(one.manifest, receipts(one, 4));
    await rejects('not-found', () => slow.find('file.bin'));
    await rejects('not-trusted', () => slow.open(file.shareId));
    await late.merge(records.map(({ bytes }) => bytes));
    await slow.openSealed();
    assert.equal((await slow.find('file.bin')).shareId, file.shareId);
  });

  it('ends a share by the word of its author, who need not be known as such', async () => {
    const file = make({ author: actor(3) });
    assert.equal(await catalog.merge(entries('tombstone', file.tombstone(actor(3)))), 1);
    assert.equal(await catalog.isDeleted(file.shareId), true);
    // Nothing that comes later brings it back, whichever way it comes.
    await rejects('not-found', () => catalog.take(file.manifest, receipts(file, 4)));
    await rejects('not-found', () => catalog.check(file.manifest));
    assert.equal(await catalog.merge(entries('manifest', file.manifest)), 0);
    assert.equal(await catalog.merge(entries('receipt', ...receipts(file, 4))), 0);
    await rejects('not-found', () => catalog.open(file.shareId));
    await rejects('not-found', () => catalog.find('file.bin'));
    assert.deepEqual(await catalog.locations(file.shareId), []);
    assert.deepEqual(await logged(), ['tombstone']);
  });

  it('ends a share by the word of an admin, and tells so once', async () => {
    const file = make({ author: actor(3) });
    await catalog.take(file.manifest, receipts(file, 4));
    const deleted: string[] = [];
    catalog.onDidDelete((shareId) => deleted.push(shareId));
    await catalog.merge(entries('tombstone', file.tombstone(author)));
    await catalog.merge(entries('tombstone', file.tombstone(actor(3)), file.tombstone(author)));
    assert.deepEqual(deleted, [file.shareId]);
    await rejects('not-found', () => catalog.open(file.shareId));
    assert.deepEqual(await logged(), ['tombstone', 'tombstone']);
  });

  it('ends nothing by the word of others: members, strangers, forgers', async () => {
    const file = make();
    await catalog.take(file.manifest, receipts(file, 4));
    const forged = file.tombstone(author);
    forged[forged.length - 1] = (forged[forged.length - 1] ?? 0) ^ 1;
    const foreign = make({ groupId: 'cd'.repeat(32) });
    const bad = [
      file.tombstone(actor(0)),
      file.tombstone(stranger),
      forged,
      foreign.tombstone(author),
      new Uint8Array([7]),
    ];
    assert.equal(await catalog.merge(entries('tombstone', ...bad)), 0);
    assert.equal((await catalog.find('file.bin')).shareId, file.shareId);
  });

  it('finds other versions of a file by number and by id', async () => {
    const versions: MadeFile[] = [];
    for (const createdAt of [3000, 2000, 1000]) {
      const before = versions.at(-1);
      const chain = before === undefined ? {} : { predecessor: before.shareId };
      const next = make({ lineage: 5, createdAt, ...chain });
      await catalog.take(next.manifest, receipts(next, 4));
      versions.push(next);
    }
    const [first, second, third] = versions;
    assert.ok(first && second && third);
    const newest = await catalog.find('file.bin');
    assert.equal(newest.shareId, third.shareId);
    const version = async (text: string): Promise<string> =>
      (await catalog.findVersion(newest, text)).shareId;
    assert.equal(await version('0'), third.shareId);
    assert.equal(await version('1'), second.shareId);
    assert.equal(await version('2'), first.shareId);
    assert.equal(await version(first.shareId.slice(0, 8)), first.shareId);
    await rejects('not-found', () => version('3'));
    await rejects('not-found', () => version('ab'.repeat(16)));
    for (const text of ['-1', '1.5', 'newest', 'abc', '']) {
      await rejects('usage', () => version(text));
    }
    assert.equal(
      (await catalog.newestVersion(newest.authorId, newest.lineage))?.shareId,
      third.shareId,
    );
    assert.equal(await catalog.newestVersion(newest.authorId, 'ff'.repeat(16)), null);
  });

  describe('costs', () => {
    /** The methods of the store that are called from now on, in order; `keys`: how often a sealed part is opened. */
    const watched = () => {
      const calls: string[] = [];
      const state = new Proxy(store.state, {
        get: (target, name, receiver) => {
          const method: unknown = Reflect.get(target, name, receiver);
          if (typeof method !== 'function') return method;
          return (...args: readonly unknown[]): unknown => {
            calls.push(String(name));
            return Reflect.apply(method, target, args);
          };
        },
      });
      let keys = 0;
      const counted = new Proxy(membership, {
        get: (target, name) => {
          if (name === 'epochKey') keys++;
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        },
      });
      const watchedCatalog = new Catalog(state, counted, silentLogger);
      return { calls, state, counted, catalog: watchedCatalog, keys: () => keys };
    };

    it('two calls of the store for a page of others, whatever is on it', async () => {
      const files = Array.from({ length: 20 }, (_, index) =>
        make({ name: `file ${String(index)}` }),
      );
      const page = files.flatMap((file) => [
        ...entries('manifest', file.manifest),
        ...entries('receipt', ...receipts(file, 4)),
      ]);
      const { calls, keys, catalog: own } = watched();
      assert.equal(await own.merge(page), page.length);
      assert.deepEqual(calls, ['knownEntries', 'take']);
      assert.equal(keys(), files.length);
      // What another member tells as well is neither verified nor opened again.
      const forged = page.map(({ kind, bytes }) => ({ kind, bytes: bytes.slice() }));
      assert.equal(await own.merge(forged), 0);
      assert.equal(keys(), files.length);
      assert.equal(changes, 0);
    });

    it('one verification for what two members tell at the same time', async () => {
      const file = make();
      const page = [
        ...entries('manifest', file.manifest),
        ...entries('receipt', ...receipts(file, 4)),
      ];
      const { keys, catalog: own } = watched();
      const added = await Promise.all([
        own.merge(page),
        own.merge([...page].reverse()),
        own.merge(page),
      ]);
      assert.deepEqual(added, [page.length, 0, 0]);
      assert.equal(keys(), 1);
    });

    it('nothing opened, and the same few calls, to list and to find what is known', async () => {
      const files = Array.from({ length: 30 }, (_, index) =>
        make({ name: `file ${String(index)}`, lineage: index }),
      );
      for (const file of files) await catalog.take(file.manifest, receipts(file, 4));
      const { calls, keys, state, counted, catalog: own } = watched();
      const { text } = await new ShareList(counted, state).page({
        ...{ order: 'name', cursor: null, limit: 1000 },
      });
      assert.equal((JSON.parse(text) as { rows: unknown[] }).rows.length, files.length);
      assert.deepEqual(calls.splice(0), ['shardsByHolder', 'listText']);
      const held = await own.heldBy(files.map(({ shareId }) => shareId));
      assert.equal(held.length, 4 * files.length);
      assert.deepEqual(calls.splice(0), ['heldBy']);
      assert.equal((await own.find('file 7')).name, 'file 7');
      assert.deepEqual(calls.splice(0), ['findShares']);
      assert.equal(keys(), 0);
    });
  });

  it('opens page after page what came before its key, and goes on behind what stays closed', async () => {
    const other = await fixture.store();
    const closed = new Catalog(
      other.state,
      new Proxy(membership, {
        get: (target, name) => {
          if (name === 'epochKey') return () => undefined;
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        },
      }),
      silentLogger,
    );
    const files = Array.from({ length: 205 }, (_, index) => make({ k: 1, m: 0, size: index + 1 }));
    const nonsense = make({ author: actor(3), epochKey: new Uint8Array(32).fill(5) });
    await closed.merge(
      [...files, nonsense].flatMap((file) => [
        ...entries('manifest', file.manifest),
        ...entries('receipt', file.receipt(actor(1), 0)),
      ]),
    );
    assert.equal((await other.state.unnamedShares(null, 1000)).length, 206);
    const opened = new Catalog(other.state, membership, silentLogger);
    await Promise.all([opened.openSealed(), opened.openSealed()]);
    assert.deepEqual(
      (await other.state.unnamedShares(null, 1000)).map(({ shareId }) => shareId),
      [nonsense.shareId],
    );
  });
});
