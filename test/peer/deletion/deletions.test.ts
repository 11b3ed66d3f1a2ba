import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { decodeTombstone } from '../../../src/chunk/tombstone.js';
import { silentLogger } from '../../../src/common/logger.js';
import { Catalog } from '../../../src/peer/catalog/catalog.js';
import { Deletions } from '../../../src/peer/deletion/deletions.js';
import type { Membership } from '../../../src/peer/membership/membership.js';
import type { ShareRow, Store } from '../../../src/store/store.js';
import { Actor } from '../support/actor.js';
import { admit, join } from '../support/group.js';
import { MadeFile, type FileOptions } from '../support/madeFile.js';
import { PeerFixture } from '../support/peerFixture.js';
import { rejects } from '../support/rejects.js';

const day = 24 * 60 * 60 * 1000;

describe('Deletions', () => {
  const founder = new Actor('founder');
  const member = new Actor('member');
  const holders = Array.from({ length: 3 }, (_, index) => new Actor(`holder ${String(index)}`));
  let fixture: PeerFixture;
  let admin: Membership;
  let membership: Membership;
  let store: Store;
  let catalog: Catalog;
  let now: number;
  let policy: { versions: number; versionDays: number };
  let deletions: Deletions;
  let isClockSteady: boolean;
  let stands: (row: ShareRow) => boolean;
  const trimming = {
    policy: () => policy,
    stands: (row: ShareRow) => Promise.resolve(stands(row)),
    isClockSteady: () => isClockSteady,
  };
  before(() => {
    fixture = new PeerFixture();
  });
  beforeEach(async () => {
    admin = await fixture.membership(founder);
    await admin.createGroup('team', 'founder');
    for (const holder of holders) await admit(admin, holder);
    store = await fixture.store();
    membership = await fixture.membership(member, store);
    await join(admin, member, membership);
    catalog = new Catalog(store.state, membership, silentLogger);
    now = 1000 * day;
    policy = { versions: 3, versionDays: 30 };
    isClockSteady = true;
    stands = () => true;
    deletions = new Deletions(member, membership, store.state, catalog, trimming, () => now);
  });
  after(() => fixture.remove());

  const publish = async (more: Partial<FileOptions> = {}): Promise<MadeFile> => {
    const file = new MadeFile({
      groupId: admin.groupId,
      author: member,
      epochKey: admin.currentEpoch().key,
      ...more,
    });
    await catalog.take(
      file.manifest,
      holders.map((holder, shard) => file.receipt(holder, shard)),
    );
    return file;
  };
  /** Versions of one file, oldest first. */
  const chain = async (...times: readonly number[]): Promise<MadeFile[]> => {
    const files: MadeFile[] = [];
    for (const createdAt of times) {
      const before = files.at(-1);
      const prev = before === undefined ? {} : { predecessor: before.shareId };
      files.push(await publish({ createdAt, lineage: 7, ...prev }));
    }
    return files;
  };
  const idsOf = (files: readonly (MadeFile | undefined)[]): (string | undefined)[] =>
    files.map((file) => file?.shareId);
  const lineage = '07'.repeat(16);
  const left = async (): Promise<string[]> =>
    (await store.state.versions(member.nodeId, lineage, 99)).map(({ shareId }) => shareId);

  it('end an own share with the proof of its author, so that others need no manifest', async () => {
    const file = await publish();
    const row = await catalog.find('file.bin');
    assert.deepEqual(await deletions.delete(row, false), [file.shareId]);
    await rejects('not-found', () => catalog.find('file.bin'));
    const log = await store.state.logAfter(0, 1000, 1 << 20);
    const [tombstone] = log.filter(({ kind }) => kind === 'tombstone');
    assert.ok(tombstone);
    assert.notEqual(decodeTombstone(tombstone.bytes).random, null);
    await rejects('not-found', () => deletions.delete(row, false));
  });

  it('end nobody else’s share, unless an admin says so', async () => {
    const file = await publish({ author: holders[0] ?? assert.fail() });
    const row = await catalog.find('file.bin');
    const error = await rejects('not-trusted', () => deletions.delete(row, false));
    assert.match(error.hint ?? '', /holder 0/);
    assert.equal((await catalog.find('file.bin')).shareId, file.shareId);

    const other = await fixture.store();
    const adminMembership = await fixture.membership(founder, other);
    await adminMembership.adoptGroup(
      {
        ...{ groupId: admin.groupId, role: 'admin', inviterId: founder.nodeId, addresses: [] },
        ...{ token: new Uint8Array(16), expiresAt: 0 },
      },
      admin.roster.accepted.map(({ bytes }) => bytes),
    );
    const theirs = new Catalog(other.state, adminMembership, silentLogger);
    await theirs.take(
      file.manifest,
      holders.map((holder, shard) => file.receipt(holder, shard)),
    );
    const adminDeletions = new Deletions(founder, adminMembership, other.state, theirs, trimming);
    await adminDeletions.delete(await theirs.find('file.bin'), false);
    const log = await other.state.logAfter(0, 1000, 1 << 20);
    const tombstones = log.filter(({ kind }) => kind === 'tombstone');
    await catalog.merge(tombstones);
    await rejects('not-found', () => catalog.find('file.bin'));
  });

  it('end one version, or all of them', async () => {
    const files = await chain(1000, 2000, 3000);
    const row = await catalog.find('file.bin');
    await deletions.delete(row, false);
    assert.deepEqual(await left(), idsOf([files[1], files[0]]));
    const before = await catalog.find('file.bin');
    assert.deepEqual(await deletions.delete(before, true), idsOf([files[0], files[1]]));
    assert.deepEqual(await left(), []);
  });

  it('keep as many versions as the policy says, in the order of the chain', async () => {
    const files = await chain(now - 1, now - 5, now - 3, now - 4, now - 2);
    assert.equal(await deletions.trim(lineage), 2);
    assert.deepEqual(await left(), idsOf([files[4], files[3], files[2]]));
    assert.equal(await deletions.trim(lineage), 0);
    assert.equal(await deletions.trim('ff'.repeat(16)), 0);
  });

  it('keep what may be all that is left: as long as the newest version cannot be fetched', async () => {
    const files = await chain(now - 100 * day, now - 40 * day);
    stands = ({ shareId }) => shareId !== files[1]?.shareId;
    policy = { versions: 1, versionDays: 0 };
    assert.equal(await deletions.trimAll(), 0);
    stands = () => true;
    assert.equal(await deletions.trimAll(), 1);
    assert.deepEqual(await left(), idsOf([files[1]]));
  });

  it('go by their age only once the clock has proved itself, and by their number before', async () => {
    const files = await chain(now - 100 * day, now - 99 * day, now - 98 * day, now - 97 * day);
    isClockSteady = false;
    assert.equal(await deletions.trimAll(), 1);
    assert.deepEqual(await left(), idsOf([files[3], files[2], files[1]]));
    isClockSteady = true;
    assert.equal(await deletions.trimAll(), 2);
  });

  it('end old versions of all own files, and of nobody else', async () => {
    const files = await chain(now - 100 * day, now - 40 * day, now - 10 * day);
    const [first] = holders;
    assert.ok(first);
    const theirs = await publish({ author: first, lineage: 9, createdAt: now - 100 * day });
    await publish({
      ...{ author: first, lineage: 9, createdAt: now - 90 * day, predecessor: theirs.shareId },
    });
    await publish({ lineage: 8, createdAt: now - 900 * day });
    assert.equal(await deletions.trimAll(), 1);
    assert.deepEqual(await left(), idsOf([files[2], files[1]]));
    now += 20 * day;
    assert.equal(await deletions.trimAll(), 1);
    now += 10_000 * day;
    policy = { versions: 1, versionDays: 0 };
    assert.equal(await deletions.trimAll(), 0);
    assert.deepEqual(await left(), idsOf([files[2]]));
    assert.equal((await store.state.versions(first.nodeId, '09'.repeat(16), 9)).length, 2);
  });
});
