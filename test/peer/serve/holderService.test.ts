import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { geometryFor } from '../../../src/chunk/geometry.js';
import { decodeManifest } from '../../../src/chunk/manifest.js';
import { decodeReceipt, verifyReceipt } from '../../../src/chunk/receipt.js';
import { silentLogger } from '../../../src/common/logger.js';
import { Catalog } from '../../../src/peer/catalog/catalog.js';
import { serveLimits } from '../../../src/peer/limits.js';
import type { Membership } from '../../../src/peer/membership/membership.js';
import { HolderService } from '../../../src/peer/serve/holderService.js';
import { StagingLeases } from '../../../src/peer/serve/stagingLeases.js';
import type { HeldShard, Store } from '../../../src/store/store.js';
import { turn, VirtualTime } from '../../support/virtualTime.js';
import { Actor } from '../support/actor.js';
import { admit } from '../support/group.js';
import { MadeFile } from '../support/madeFile.js';
import { PeerFixture } from '../support/peerFixture.js';
import { rejects } from '../support/rejects.js';

describe('HolderService', () => {
  const self = new Actor('self');
  const author = new Actor('author');
  const others = [new Actor('one'), new Actor('two')] as const;
  let fixture: PeerFixture;
  let store: Store;
  let membership: Membership;
  let catalog: Catalog;
  let service: HolderService;
  let file: MadeFile;
  before(() => {
    fixture = new PeerFixture();
  });
  beforeEach(async () => {
    store = await fixture.store();
    membership = await fixture.membership(self, store);
    await membership.createGroup('team', 'self');
    for (const one of [author, ...others]) await admit(membership, one);
    catalog = new Catalog(store.state, membership, silentLogger);
    service = new HolderService(self, membership, store.shards, catalog);
    file = new MadeFile({
      groupId: membership.groupId,
      author,
      epochKey: membership.currentEpoch().key,
    });
  });
  after(() => fixture.remove());

  const stage = (by = author, geometry = file.geometry): Promise<void> => {
    const { random } = decodeManifest(file.manifest);
    return service.stage(by.nodeId, { shareId: file.shareId, shard: 0, geometry, random });
  };
  /** Everything of shard 0 arrives. @returns the own receipt. */
  const receive = async (): Promise<Uint8Array> => {
    await stage();
    for (const [segment, piece] of (file.pieces[0] ?? []).entries()) {
      await service.put(author.nodeId, file.shareId, 0, segment, piece.slice());
    }
    return await service.seal(author.nodeId, file.shareId, 0);
  };
  const foreign = (): Uint8Array[] => others.map((one, index) => file.receipt(one, index + 1));
  const state = async (): Promise<HeldShard['state'] | undefined> =>
    (await store.shards.held(file.shareId))[0]?.state;

  it('promises by its signature what it stored, and serves it after COMMIT only', async () => {
    const receipt = await receive();
    assert.ok(verifyReceipt(receipt, self.spki));
    assert.deepEqual(decodeReceipt(receipt).root, file.rootOf(0));
    await rejects('not-found', () => service.piece(file.shareId, 0, 0));
    await service.commit(author.nodeId, file.manifest, [receipt, ...foreign()]);
    assert.deepEqual((await service.piece(file.shareId, 0, 0)).bytes, file.pieces[0]?.[0]);
    assert.equal((await catalog.open(file.shareId)).info.name, 'file.bin');
  });

  it('commits what it promised when the manifest comes from others, the author being dead', async () => {
    const receipt = await receive();
    const adopted = new Promise<number>((resolve, reject) => {
      catalog.onDidList((shareId) => {
        service.adopt(shareId).then(resolve, reject);
      });
    });
    await catalog.merge([
      { kind: 'manifest', bytes: file.manifest },
      ...[receipt, ...foreign()].map((bytes) => ({ kind: 'receipt' as const, bytes })),
    ]);
    assert.equal(await adopted, 1);
    assert.equal(await state(), 'committed');
    assert.equal(await service.adopt(file.shareId), 0);
  });

  it('commits it as well when it was itself dead meanwhile', async () => {
    const receipt = await receive();
    await catalog.take(file.manifest, [receipt, ...foreign()]);
    assert.equal(await state(), 'receipted');
    assert.equal(await service.sweep(assert.ifError), 1);
    assert.equal(await state(), 'committed');
  });

  it('keeps what it promised, and what still arrives, when it looks after its shards', async () => {
    await stage();
    await service.sweep(assert.ifError);
    assert.equal(await state(), 'staging');
    await receive();
    await service.sweep(assert.ifError);
    assert.equal(await state(), 'receipted');
  });

  it('commits nothing to the disk for a manifest that it would not list', async () => {
    const receipt = await receive();
    await catalog.take(file.manifest, []);
    const second = file.sign(file.info);
    await rejects('integrity', () =>
      service.commit(author.nodeId, second, [receipt, ...foreign()]),
    );
    assert.equal(await state(), 'receipted');
  });

  it('keeps no receipt beside the shard that no member signed: the index may be made anew from it', async () => {
    const kept: number[] = [];
    const { shards } = store;
    const commit = shards.commit.bind(shards);
    shards.commit = (shareId, shard, manifest, receipts) => {
      kept.push(receipts.length);
      return commit(shareId, shard, manifest, receipts);
    };
    const receipt = await receive();
    const [genuine = assert.fail(), other = assert.fail()] = foreign();
    const forged = Uint8Array.from(other);
    forged[forged.length - 1] = (forged[forged.length - 1] ?? 0) ^ 1;
    await service.commit(author.nodeId, file.manifest, [receipt, genuine, forged]);
    assert.deepEqual(kept, [2]);
    assert.equal(await state(), 'committed');
  });

  it('lets nobody but the author write, seal, commit or drop a shard', async () => {
    await rejects('not-trusted', () => stage(others[0]));
    await stage();
    const { nodeId } = others[0];
    const piece = file.pieces[0]?.[0] ?? assert.fail();
    await rejects('not-trusted', () => service.put(nodeId, file.shareId, 0, 0, piece));
    const receipt = await receive();
    await rejects('not-found', () => service.put(nodeId, file.shareId, 0, 0, new Uint8Array(1024)));
    await rejects('not-trusted', () => service.seal(nodeId, file.shareId, 0));
    await rejects('not-trusted', () => service.abort(nodeId, file.shareId, 0));
    await rejects('not-trusted', () => service.commit(nodeId, file.manifest, [receipt]));
    assert.equal(await state(), 'receipted');
  });

  it('refuses many tiny segments: their hashes would fill the memory', async () => {
    const geometry = { k: 1, m: 0, q: 1, segments: 2 ** 26, lastQ: 1 };
    await rejects('limit', () => stage(author, geometry));
    assert.equal(await state(), undefined);
  });

  it('serves a deleted share no more, takes no COMMIT and no upload of it', async () => {
    const receipt = await receive();
    await service.commit(author.nodeId, file.manifest, [receipt, ...foreign()]);
    await catalog.merge([{ kind: 'tombstone', bytes: file.tombstone(author) }]);
    await service.hide(file.shareId);
    await service.hide(file.shareId);
    assert.equal(await state(), 'hidden');
    await rejects('not-found', () => service.piece(file.shareId, 0, 0));
    await rejects('not-found', () => service.hashPage(file.shareId, 0, 0));
    await rejects('not-found', () => stage());
    await rejects('not-found', () =>
      service.commit(author.nodeId, file.manifest, [receipt, ...foreign()]),
    );
  });

  it('hides what is committed while its tombstone comes', async () => {
    const receipt = await receive();
    const { shards } = store;
    const commit = shards.commit.bind(shards);
    shards.commit = async (...args) => {
      await catalog.merge([{ kind: 'tombstone', bytes: file.tombstone(author) }]);
      await commit(...args);
    };
    await rejects('not-found', () =>
      service.commit(author.nodeId, file.manifest, [receipt, ...foreign()]),
    );
    assert.equal(await state(), 'hidden');
    await rejects('not-found', () => service.piece(file.shareId, 0, 0));
  });

  it('drops what it was receiving of a share that is deleted', async () => {
    await receive();
    await catalog.merge([{ kind: 'tombstone', bytes: file.tombstone(author) }]);
    await service.hide(file.shareId);
    assert.equal(await state(), undefined);
  });

  it('lends as much as it was told, and its own shares do not count', async () => {
    let lends: number | null = 0;
    service = new HolderService(self, membership, store.shards, catalog, {
      lends: () => lends,
    });
    await rejects('quota', () => stage());
    const own = new MadeFile({
      groupId: membership.groupId,
      author: self,
      epochKey: membership.currentEpoch().key,
    });
    const { random } = decodeManifest(own.manifest);
    const { shareId, geometry } = own;
    await service.stage(self.nodeId, { shareId, geometry, shard: 0, random });
    assert.deepEqual(await service.space(), { lends: 0, used: 0 });
    lends = 10_000;
    await stage();
    const { used } = await service.space();
    assert.ok(used > 0 && used <= 10_000);
    lends = null;
    assert.deepEqual(await service.space(), { lends: null, used });
  });

  it('keeps no memory for more segments than it may, whatever an author announces', async () => {
    const geometry = geometryFor(5 * 2 ** 40, 4, 2);
    assert.ok(geometry.segments > serveLimits.stagedSegments.each);
    await rejects('limit', () => stage(author, geometry));
    assert.equal(await state(), undefined);
    await stage();
    assert.equal(await state(), 'staging');
  });

  it('keeps what becomes whole while it looks after its shards', async () => {
    let now = 0;
    const leases = new StagingLeases(() => now);
    service = new HolderService(self, membership, store.shards, catalog, {}, leases);
    await stage();
    for (const [segment, piece] of (file.pieces[0] ?? []).entries()) {
      await service.put(author.nodeId, file.shareId, 0, segment, piece.slice());
    }
    now = 2 * 60 * 60_000;
    let only: string | undefined;
    const { shards } = store;
    const abort = shards.abort.bind(shards);
    shards.abort = async (...args) => {
      only = args[2];
      await service.seal(author.nodeId, file.shareId, 0);
      await abort(...args);
    };
    await service.sweep(assert.ifError);
    assert.equal(only, 'staging');
    assert.equal(await state(), 'receipted');
  });

  it('frees what it received of a share that its author then signed otherwise, and goes on with the rest', async () => {
    file = new MadeFile({
      ...{ groupId: membership.groupId, author, k: 1, m: 2 },
      epochKey: membership.currentEpoch().key,
    });
    const receipt = await receive();
    const root = new Uint8Array(32).fill(7);
    const contradictory = file.sign(file.info, [root]);
    const theirs = others.map((one, index) => file.receipt(one, index + 1, root));
    await catalog.merge([
      { kind: 'manifest', bytes: contradictory },
      ...[receipt, ...theirs].map((bytes) => ({ kind: 'receipt' as const, bytes })),
    ]);
    assert.equal(await service.sweep(assert.ifError), 0);
    assert.equal(await state(), undefined);
  });

  it('looks after the other shards when one cannot be looked after', async () => {
    await receive();
    const { adopt } = service;
    const failures: unknown[] = [];
    const reason = new Error('no room');
    service.adopt = (shareId) =>
      shareId === file.shareId ? Promise.reject(reason) : adopt.call(service, shareId);
    assert.equal(await service.sweep((error) => failures.push(error)), 0);
    assert.deepEqual(failures, [reason]);
  });

  it('counts what is staged again while it is dropped', async () => {
    const leases = new StagingLeases();
    service = new HolderService(self, membership, store.shards, catalog, {}, leases);
    const begun: boolean[] = [];
    const begin = leases.begin.bind(leases);
    leases.begin = (...args) => {
      const isNew = begin(...args);
      begun.push(isNew);
      return isNew;
    };
    await stage();
    const { shards } = store;
    const abort = shards.abort.bind(shards);
    shards.abort = async (...args) => {
      // What its author sends at once, without waiting for an answer.
      const again = stage();
      await abort(...args);
      await again.catch(() => undefined);
    };
    await service.abort(author.nodeId, file.shareId, 0);
    shards.abort = abort;
    await stage();
    assert.deepEqual(begun, [true, true, false]);
  });

  it('drops what its author takes back', async () => {
    await receive();
    await service.abort(author.nodeId, file.shareId, 0);
    assert.equal(await state(), undefined);
  });

  it('scans for one asker at a time, for others as well, and tells those who wait that they do', async () => {
    const time = new VirtualTime();
    service = new HolderService(self, membership, store.shards, catalog, {}, undefined, time);
    const running: string[] = [];
    const ends: (() => void)[] = [];
    store.shards.scan = async (shareId) => {
      running.push(shareId);
      await new Promise<void>((resolve) => ends.push(resolve));
      return { chunksChecked: 1, badChunks: [], root: new Uint8Array(32) };
    };
    const signs: string[] = [];
    const leaving = new AbortController();
    const scan = (asker: Actor, shareId: string, { signal } = new AbortController()) =>
      service.scan(
        asker.nodeId,
        shareId,
        0,
        (chunks) => signs.push(`${shareId} ${String(chunks)}`),
        signal,
      );
    const first = scan(author, 'first');
    const second = scan(author, 'second');
    const third = scan(author, 'third', leaving);
    const other = scan(others[0], 'other');
    await turn();
    assert.deepEqual(running, ['first', 'other']);
    await time.pass(60_000);
    assert.deepEqual(signs, ['second 0', 'third 0', 'second 0', 'third 0']);
    leaving.abort();
    await rejects('cancelled', () => third);
    ends[0]?.();
    await first;
    await turn();
    assert.deepEqual(running, ['first', 'other', 'second']);
    for (const end of ends) end();
    await Promise.all([second, other]);
    assert.equal(time.pending, 0);
  });
});
