import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { PeerError } from '../../../src/common/errors.js';
import { silentLogger } from '../../../src/common/logger.js';
import { Connection } from '../../../src/net/connection.js';
import { Catalog } from '../../../src/peer/catalog/catalog.js';
import { entryId } from '../../../src/peer/catalog/intake.js';
import { Membership } from '../../../src/peer/membership/membership.js';
import { AddressBook } from '../../../src/peer/mesh/addressBook.js';
import { AntiEntropy, type Whereabouts } from '../../../src/peer/sync/antiEntropy.js';
import { messageLimits } from '../../../src/protocol/limits.js';
import {
  encodeMessage,
  type RequestMessage,
  type ResponseTo,
} from '../../../src/protocol/messages.js';
import type { StateStore, Store } from '../../../src/store/store.js';
import { memoryLinks } from '../../net/memoryTransport.js';
import { VirtualTime } from '../../support/virtualTime.js';
import { Actor } from '../support/actor.js';
import { admit, join } from '../support/group.js';
import { MadeFile } from '../support/madeFile.js';
import { PeerFixture } from '../support/peerFixture.js';

class Side implements Whereabouts {
  readonly catalog: Catalog;
  addresses: readonly string[] = [];
  /** What members said of themselves. */
  readonly told: (readonly [string, readonly string[]])[] = [];
  readonly sync: AntiEntropy;

  constructor(
    readonly actor: Actor,
    readonly store: Store,
    readonly membership: Membership,
    readonly book: AddressBook,
  ) {
    this.catalog = new Catalog(store.state, membership, silentLogger);
    this.sync = new AntiEntropy(
      ...([store.state, membership, this.catalog, book] as const),
      () => this,
      silentLogger,
    );
  }

  get state(): StateStore {
    return this.store.state;
  }

  moved(nodeId: string, addresses: readonly string[]): Promise<void> {
    this.told.push([nodeId, addresses]);
    return Promise.resolve();
  }
}

describe('AntiEntropy', () => {
  const helper = new Actor('helper');
  let fixture: PeerFixture;
  let near: Side;
  let far: Side;
  let connections: Connection[];
  /** Requests that reached the far side. */
  let asked: RequestMessage[];
  before(() => {
    fixture = new PeerFixture();
  });
  beforeEach(async () => {
    connections = [];
    asked = [];
    far = await side('far');
    near = await side('near');
    await far.membership.createGroup('team', 'far');
    await join(far.membership, near.actor, near.membership);
  });
  afterEach(() => {
    for (const connection of connections) connection.dispose();
  });
  after(() => fixture.remove());

  async function side(name: string): Promise<Side> {
    const store = await fixture.store();
    const actor = new Actor(name);
    const membership = await Membership.load(actor, store.state, silentLogger);
    return new Side(actor, store, membership, await AddressBook.load(store.state));
  }

  /** A connection from near to far; `answer` stands in for the far side. */
  function connect(
    answer: (
      message: RequestMessage,
    ) => Promise<ResponseTo<'sync'> | ResponseTo<'contacts'>> = honest,
  ): Connection {
    const [here, there] = memoryLinks(far.actor, near.actor);
    const own = new Connection(here, {
      logger: silentLogger,
      handler: () => Promise.reject(new PeerError('unsupported', 'Nothing is answered here.')),
    });
    const other = new Connection(there, {
      logger: silentLogger,
      handler: async ({ message }) => {
        asked.push(message);
        return { message: await answer(message) };
      },
    });
    own.admit();
    other.admit();
    connections.push(own, other);
    return own;
  }

  async function honest(
    message: RequestMessage,
  ): Promise<ResponseTo<'sync'> | ResponseTo<'contacts'>> {
    if (message.t === 'sync') {
      return await far.sync.page(message.epoch, message.after, message.max, message.id);
    }
    return far.sync.contacts();
  }

  const make = (name = 'file.bin'): MadeFile =>
    new MadeFile({
      groupId: far.membership.groupId,
      author: far.actor,
      epochKey: far.membership.currentEpoch().key,
      k: 1,
      m: 1,
      name,
    });
  const publish = async (file: MadeFile): Promise<void> => {
    const receipts = [file.receipt(far.actor, 0), file.receipt(near.actor, 1)];
    await far.catalog.take(file.manifest, receipts);
  };

  it('brings members, shares and addresses, and nothing twice', async () => {
    await admit(far.membership, helper);
    await publish(make());
    await far.book.learn(helper.nodeId, ['192.0.2.1:5']);
    await far.book.learn(new Actor('stranger').nodeId, ['192.0.2.2:5']);
    await near.sync.pull(connect());
    assert.equal(near.membership.member(helper.nodeId)?.name, 'helper');
    assert.equal((await near.catalog.find('file.bin')).name, 'file.bin');
    assert.deepEqual(
      near.book.entries().map(({ nodeId }) => nodeId),
      [helper.nodeId],
    );
    const log = await near.state.lastSeq();
    asked = [];
    await near.sync.pull(connect());
    assert.equal(await near.state.lastSeq(), log);
    const first = asked[0];
    assert.ok(first?.t === 'sync' && first.after === (await far.state.lastSeq()));
  });

  it('takes the word of a member itself for where it listens now', async () => {
    far.addresses = ['192.0.2.3:5'];
    await near.sync.pull(connect());
    assert.deepEqual(near.told, [[far.actor.nodeId, ['192.0.2.3:5']]]);
    assert.deepEqual(near.book.entries(), []);
  });

  it('tells of as many members as fit into a message', async () => {
    const long = 'a'.repeat(240);
    for (let index = 0; index < 400; index += 1) {
      const nodeId = index.toString(16).padStart(64, '0');
      const addresses = Array.from(
        { length: 8 },
        (_, port) => `${long}.${String(index)}:${String(port)}`,
      );
      await far.book.learn(nodeId, addresses);
    }
    const contacts = far.sync.contacts();
    assert.ok(contacts.contacts.length > 200 && contacts.contacts.length < 400);
    assert.ok(encodeMessage(contacts).byteLength <= 512 * 1024);
  });

  it('takes no more hearsay from one member than its budget', async () => {
    await admit(far.membership, helper);
    await near.sync.pull(connect());
    const time = new VirtualTime();
    const { state, membership, catalog, book } = near;
    const bounded = new AntiEntropy(
      ...([state, membership, catalog, book] as const),
      () => near,
      silentLogger,
      time,
    );
    let round = 0;
    const liar = (message: RequestMessage): ReturnType<typeof honest> =>
      message.t === 'sync'
        ? honest(message)
        : Promise.resolve({
            t: 'contacts',
            contacts: Array.from({ length: 1000 }, (_, port) => ({
              id: helper.id,
              addresses: [`made-up-${String(round)}:${String(port)}`],
            })),
          });
    const writes = async (): Promise<number> => {
      let count = 0;
      const { putPeer } = state;
      state.putPeer = async (row) => {
        count += 1;
        await putPeer.call(state, row);
      };
      round += 1;
      await bounded.pull(connect(liar));
      state.putPeer = putPeer;
      return count;
    };
    assert.equal(await writes(), 1000);
    assert.equal(await writes(), 24);
    assert.equal(await writes(), 0);
    time.jump(60_000);
    assert.equal(await writes(), 60);
  });

  it('reads a log once more from the start when records refer to what is not here', async () => {
    const admin = new Actor('admin');
    const own = await fixture.membership(admin);
    await join(far.membership, admin, own, 'admin');
    await near.sync.pull(connect());
    // A chain by itself: what its signer signed before is not in it.
    await admit(own, helper);
    await far.membership.merge(own.roster.records.map(({ bytes }) => bytes));
    await near.membership.merge(own.roster.records.slice(-1).map(({ bytes }) => bytes));
    assert.ok(near.membership.isIncomplete);
    await near.state.setCursor(far.actor.nodeId, {
      ...{ epoch: await far.state.databaseEpoch(), seq: await far.state.lastSeq(), id: null },
    });
    asked = [];
    const connection = connect();
    await near.sync.pull(connection);
    assert.equal(near.membership.isIncomplete, false);
    const pulls = () => asked.flatMap((one) => (one.t === 'sync' ? [one.after] : []));
    assert.equal(pulls()[1], 0);
    // Only once for each connection: what nobody has is not asked for without end.
    await near.membership.merge([admin.lost(far.membership.groupId, helper).bytes]);
    asked = [];
    await near.sync.pull(connection);
    assert.ok(!pulls().slice(1).includes(0));
  });

  it('takes things in as they came: what an admin deleted before it was removed stays deleted', async () => {
    const admin = new Actor('admin');
    await join(far.membership, admin, await fixture.membership(admin), 'admin');
    const file = make();
    await publish(file);
    await far.catalog.merge([{ kind: 'tombstone', bytes: file.tombstone(admin) }]);
    await far.membership.remove(admin.nodeId);
    await near.sync.pull(connect());
    assert.equal(near.membership.member(admin.nodeId), undefined);
    assert.ok(await near.catalog.isDeleted(file.shareId));
    // What it signs from then on is refused.
    const later = make('later');
    await publish(later);
    await near.sync.pull(connect());
    await near.catalog.merge([{ kind: 'tombstone', bytes: later.tombstone(admin) }]);
    assert.equal(await near.catalog.isDeleted(later.shareId), false);
  });

  it('answers pages that fit into a message, whatever is in the log', async () => {
    const bytes = 60_000;
    const entries = Array.from({ length: 40 }, (_, index) => ({
      kind: 'manifest' as const,
      id: index.toString(16).padStart(64, '0'),
      bytes: new Uint8Array(bytes).fill(index),
    }));
    await far.state.append(entries);
    let after = 0;
    let seen = 0;
    for (let more = true; more;) {
      const page = await far.sync.page(await far.state.databaseEpoch(), after, 1024);
      assert.ok(encodeMessage(page).byteLength < 2 ** 20);
      assert.ok(page.last > after);
      seen += page.entries.length;
      after = page.last;
      more = page.more;
    }
    assert.equal(seen, await far.state.lastSeq());
  });

  it('answers no more entries than asked for, and never more than the limit', async () => {
    const epoch = await far.state.databaseEpoch();
    const page = await far.sync.page(epoch, 0, 2);
    assert.deepEqual([page.entries.length, page.last, page.more], [2, 2, true]);
    const end = await far.sync.page(epoch, await far.state.lastSeq(), 2 ** 30);
    assert.deepEqual([end.entries.length, end.more], [0, false]);
    const beyond = await far.sync.page(epoch, 2 ** 40, 10);
    assert.deepEqual([beyond.entries.length, beyond.more], [0, false]);
    assert.ok(end.entries.length <= messageLimits.entries);
  });

  it('starts at the beginning for a cursor into another database', async () => {
    const page = await far.sync.page('another', 100, 1024);
    assert.equal(page.entries.length, await far.state.lastSeq());
    const first = await far.sync.page(null, 0, 1024);
    assert.deepEqual(first, page);
  });

  it('starts at the beginning for a place that another entry has taken', async () => {
    const epoch = await far.state.databaseEpoch();
    const last = await far.state.lastSeq();
    const id = Buffer.from((await far.state.entryAt(last)) ?? '', 'hex');
    assert.equal((await far.sync.page(epoch, last, 1024, id)).entries.length, 0);
    const other = new Uint8Array(32).fill(1);
    for (const after of [last, last + 5, 1]) {
      const page = await far.sync.page(epoch, after, 1024, other);
      assert.equal(page.entries.length, last);
    }
  });

  it('takes over what a member writes after its database was set back to an old copy', async () => {
    await publish(make('before'));
    // Far goes on from here twice: what comes first is lost with the disk, and near has heard of it.
    const kept = await far.state.lastSeq();
    await publish(make('lost with the disk'));
    await near.sync.pull(connect());
    const old = await fixture.store();
    await old.state.append((await far.state.logAfter(0, kept, 1 << 20)).map((entry) => entry));
    await publish(make('after'));
    const after = (await far.state.logAfter(0, 100, 1 << 20)).slice(-3);
    await old.state.append(after);
    const setBack = new AntiEntropy(
      { ...old.state, databaseEpoch: () => far.state.databaseEpoch() },
      ...([far.membership, far.catalog, far.book] as const),
      () => far,
      silentLogger,
    );
    // The two logs are of one epoch and equally long: only the entries differ.
    assert.equal(await old.state.lastSeq(), (await near.state.getCursor(far.actor.nodeId))?.seq);
    await near.sync.pull(
      connect((message) =>
        message.t === 'sync'
          ? setBack.page(message.epoch, message.after, 2, message.id)
          : Promise.resolve(far.sync.contacts()),
      ),
    );
    assert.equal((await near.catalog.find('after')).name, 'after');
  });

  it('looks once more when there was news during a pull', async () => {
    let late = false;
    const connection = connect(async (message) => {
      if (message.t === 'contacts' && !late) {
        late = true;
        await publish(make());
        void near.sync.pull(connection);
      }
      return await honest(message);
    });
    await near.sync.pull(connection);
    assert.equal((await near.catalog.find('file.bin')).name, 'file.bin');
  });

  it('does not ask for ever who promises more and gives nothing', async () => {
    for (const moves of [0, 1]) {
      let last = 1000;
      asked = [];
      await near.sync.pull(
        connect(() =>
          Promise.resolve({
            t: 'entries',
            epoch: `mad ${String(moves)}`,
            last: (last += moves),
            more: true,
            entries: [],
          }),
        ),
      );
      assert.ok(asked.length <= 2);
    }
  });

  it('keeps the good of what a liar tells, and its own database', async () => {
    const file = make();
    const forged = file.manifest.slice();
    forged[forged.length - 1] = (forged[forged.length - 1] ?? 0) ^ 1;
    const entries = [
      { kind: 'manifest' as const, bytes: forged },
      { kind: 'receipt' as const, bytes: new Uint8Array([1, 2, 3]) },
      { kind: 'manifest' as const, bytes: file.manifest },
    ];
    await near.sync.pull(
      connect((message) =>
        Promise.resolve(
          message.t === 'sync'
            ? { t: 'entries', epoch: 'theirs', last: 3, more: false, entries }
            : { t: 'contacts', contacts: [] },
        ),
      ),
    );
    assert.ok(await near.catalog.manifestOf(file.shareId));
    assert.deepEqual(
      { ...(await near.state.getCursor(far.actor.nodeId)) },
      { epoch: 'theirs', seq: 3, id: entryId(file.manifest) },
    );
  });

  it('has one page under way while it checks another, and never more', async () => {
    const files = Array.from({ length: 6 }, (_, index) => make(`file ${String(index)}`));
    for (const file of files) await publish(file);
    const total = await far.state.lastSeq();
    let served = 0;
    let merged = 0;
    let ahead = 0;
    const { merge } = near.catalog;
    near.catalog.merge = async (entries) => {
      // Time for as many pages to come as were asked for.
      await far.state.lastSeq();
      await far.state.lastSeq();
      const added = await merge.call(near.catalog, entries);
      merged += entries.length;
      return added;
    };
    const { merge: mergeRecords } = near.membership;
    near.membership.merge = async (records) => {
      const added = await mergeRecords.call(near.membership, records);
      merged += records.length;
      return added;
    };
    let pages = 0;
    await near.sync.pull(
      connect(async (message) => {
        if (message.t !== 'sync') return far.sync.contacts();
        ahead = Math.max(ahead, served - merged);
        const page = await far.sync.page(message.epoch, message.after, 3);
        served += page.entries.length;
        pages += 1;
        return page;
      }),
    );
    assert.equal(merged, total);
    assert.equal(pages, Math.ceil(total / 3));
    // What is being checked; the page that is asked for comes on top.
    assert.equal(ahead, 3);
    assert.equal(await near.state.countShares(), files.length);
    assert.deepEqual(
      { ...(await near.state.getCursor(far.actor.nodeId)) },
      {
        ...{ epoch: await far.state.databaseEpoch(), seq: total },
        id: await far.state.entryAt(total),
      },
    );
  });

  it('goes on after a restart where the last whole page ended', async () => {
    for (let index = 0; index < 4; index++) await publish(make(`file ${String(index)}`));
    let pages = 0;
    const broken = connect(async (message) => {
      if (message.t !== 'sync') return far.sync.contacts();
      pages += 1;
      if (pages === 3) broken.dispose();
      return await far.sync.page(message.epoch, message.after, 4);
    });
    await near.sync.pull(broken);
    const reached = (await near.state.getCursor(far.actor.nodeId))?.seq ?? 0;
    assert.ok(reached === 4 || reached === 8);
    asked = [];
    await near.sync.pull(connect());
    const [first] = asked;
    assert.ok(first?.t === 'sync' && first.after === reached);
    assert.equal(await near.state.countShares(), 4);
  });

  it('ends quietly when the connection does', async () => {
    const connection = connect(() => {
      connection.dispose();
      return new Promise(() => undefined);
    });
    await near.sync.pull(connection);
    near.sync.dispose();
    near.sync.dispose();
    await near.sync.pull(connect());
  });
});
