import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { toHex } from '../../src/common/bytes.js';
import { PeerError } from '../../src/common/errors.js';
import { silentLogger } from '../../src/common/logger.js';
import { MemoryPool } from '../../src/common/memory.js';
import type { Connection, RequestHandler } from '../../src/net/connection.js';
import { Catalog } from '../../src/peer/catalog/catalog.js';
import { getFile } from '../../src/peer/get/getFile.js';
import { RemoteHolder, type Holder } from '../../src/peer/holder.js';
import type { Membership } from '../../src/peer/membership/membership.js';
import { shareFile } from '../../src/peer/share/shareFile.js';
import { connectionOver, linkEnds, type Ends } from '../net/connections.js';
import { newIdentity } from '../net/identities.js';
import { MeteredLink } from '../net/meteredLink.js';
import { Actor } from './support/actor.js';
import { admit } from './support/group.js';
import { MemoryHolder } from './support/memoryHolder.js';
import { PeerFixture } from './support/peerFixture.js';

const size = 24 << 20;
/** Segments of about 1 MiB that 24 MiB and their tree make. */
const segments = 25;

/** A holder behind a TLS connection whose traffic is counted. */
interface Lane {
  readonly stored: MemoryHolder;
  readonly holder: Holder;
  readonly near: MeteredLink;
  readonly far: MeteredLink;
  readonly received: MemoryPool;
  readonly connections: readonly Connection[];
  readonly ends: Ends;
}

function serve(stored: MemoryHolder): RequestHandler {
  return async ({ message, body }) => {
    const ok = { message: { t: 'ok' } } as const;
    switch (message.t) {
      case 'stage':
        await stored.stage(
          toHex(message.share),
          message.shard,
          message.geometry,
          message.random,
          [],
        );
        return ok;
      case 'put':
        await stored.put(toHex(message.share), message.shard, message.segment, body);
        return ok;
      case 'seal': {
        const bytes = await stored.seal(toHex(message.share), message.shard);
        return { message: { t: 'receipt', bytes } };
      }
      case 'commit':
        await stored.commit(message.manifest, message.receipts);
        return ok;
      case 'piece': {
        const { share, shard, segment } = message;
        return { ...ok, body: await stored.piece(toHex(share), shard, segment) };
      }
      default:
        throw new PeerError('internal', 'unexpected');
    }
  };
}

async function openLane(actor: Actor, groupId: string, memory: MemoryPool): Promise<Lane> {
  const ends = await linkEnds(await newIdentity(), await newIdentity());
  const stored = new MemoryHolder(actor, groupId);
  const received = new MemoryPool(64 << 20);
  const [near, far] = [new MeteredLink(ends.near), new MeteredLink(ends.far)];
  const asks = connectionOver(near, { memory });
  const answers = connectionOver(far, { handler: serve(stored), memory: received });
  asks.admit();
  answers.admit();
  const holder = new RemoteHolder(actor.nodeId, () => asks);
  return { stored, holder, near, far, received, connections: [asks, answers], ends };
}

const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);

/** What a transfer may cost, whatever the machine: a change that makes it dearer fails here. */
describe('economy of a transfer, 2+2 over TLS', () => {
  const author = new Actor('author');
  const actors = Array.from({ length: 4 }, (_, index) => new Actor(`holder ${String(index)}`));
  const memory = new MemoryPool(64 << 20);
  let fixture: PeerFixture;
  let membership: Membership;
  let catalog: Catalog;
  let lanes: Lane[];
  let source: string;
  let shareId: string;
  before(async () => {
    fixture = new PeerFixture();
    const store = await fixture.store();
    membership = await fixture.membership(author, store);
    await membership.createGroup('team', 'author');
    for (const actor of actors) await admit(membership, actor);
    catalog = new Catalog(store.state, membership, silentLogger);
    lanes = await Promise.all(actors.map((actor) => openLane(actor, membership.groupId, memory)));
    source = path.join(fixture.folder(), 'data.bin');
    writeFileSync(source, randomBytes(size));
  });
  after(async () => {
    for (const { connections, ends } of lanes) {
      for (const connection of connections) connection.dispose();
      ends.dispose();
    }
    await fixture.remove();
  });

  it('share: n/k times the bytes and 4.5%, one message a piece, few pieces in memory', async () => {
    const local = new MemoryHolder(author, membership.groupId);
    const shared = await shareFile(
      {
        identity: author,
        membership,
        catalog,
        threads: fixture.threads,
        remoteHolders: () => lanes.map(({ holder }) => holder),
        holder: (nodeId) => lanes.find(({ holder }) => holder.nodeId === nodeId)?.holder ?? local,
        stays: () => true,
        localHolder: local,
      },
      {
        path: source,
        redundancy: '2+2',
        ignore: true,
        signal: new AbortController().signal,
        onProgress: () => undefined,
      },
    );
    shareId = shared.shareId;
    const sent = sum(lanes.map(({ near }) => near.bytes));
    assert.ok(sent <= size * 2 * 1.045, `${String(sent)} bytes for ${String(size)}`);
    for (const { near, far, received, stored } of lanes) {
      assert.equal(stored.pieces.size, segments);
      // Each piece, and STAGE, SEAL and COMMIT; each with its answer.
      assert.equal(near.writes, segments + 3);
      assert.equal(far.writes, segments + 3);
      // A header and a body, never cut further.
      assert.ok(near.parts <= 2 * near.writes);
      assert.ok(received.made <= 8, `${String(received.made)} pieces in memory at once`);
    }
    const memoryOfAnswers = memory.made;
    assert.equal(memoryOfAnswers, 0);
  });

  it('get: its bytes and 4.5%, k messages a segment, few pieces in memory', async () => {
    for (const { near, far } of lanes) {
      near.reset();
      far.reset();
    }
    const target = path.join(fixture.folder(), 'copy.bin');
    await getFile({
      share: await catalog.open(shareId),
      locations: await catalog.locations(shareId),
      holder: (nodeId) => lanes.find(({ holder }) => holder.nodeId === nodeId)?.holder,
      threads: fixture.threads,
      logger: silentLogger,
      path: target,
      overwrite: false,
      folder: null,
      hedgeFloorMs: Infinity, // on a busy machine, pieces would be asked for twice
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });
    assert.ok(readFileSync(target).equals(readFileSync(source)));
    const got = sum(lanes.map(({ far }) => far.bytes));
    assert.ok(got <= size * 1.045, `${String(got)} bytes for ${String(size)}`);
    assert.equal(sum(lanes.map(({ near }) => near.writes)), 2 * segments);
    assert.equal(sum(lanes.map(({ far }) => far.writes)), 2 * segments);
    assert.ok(memory.made <= 32, `${String(memory.made)} pieces in memory at once`);
  });
});
