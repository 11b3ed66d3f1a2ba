import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { segmentCapacity, segmentStart } from '../../src/chunk/geometry.js';
import { SegmentCodec } from '../../src/chunk/segment.js';
import type { PeerError } from '../../src/common/errors.js';
import { silentLogger } from '../../src/common/logger.js';
import type { Catalog } from '../../src/peer/catalog/catalog.js';
import { MAX_READ, Reader } from '../../src/peer/read/reader.js';
import { loadKernel } from '../chunk/loadKernel.js';
import { Actor } from '../peer/support/actor.js';
import { MadeFile } from '../peer/support/madeFile.js';
import { gone, hang, type MemoryHolder } from '../peer/support/memoryHolder.js';
import { PeerFixture } from '../peer/support/peerFixture.js';
import { rejects } from '../peer/support/rejects.js';

const actors = Array.from({ length: 4 }, (_, index) => new Actor(`holder ${String(index)}`));
const options = {
  groupId: 'ab'.repeat(32),
  author: new Actor('author'),
  epochKey: new Uint8Array(32).fill(1),
};
const never = new AbortController().signal;

describe('Reader', function () {
  this.timeout(20_000);
  let fixture: PeerFixture;
  let reader: Reader;
  let file: MadeFile;
  let holders: MemoryHolder[];
  let warned: unknown[][];
  before(() => {
    fixture = new PeerFixture();
  });
  after(() => fixture.remove());
  beforeEach(() => {
    open(new MadeFile({ ...options, size: 20_000 }));
  });
  afterEach(() => reader.close());

  function open(made: MadeFile): void {
    file = made;
    holders = actors.map((actor, shard) => made.holder(actor, shard));
    warned = [];
    const catalog: Pick<Catalog, 'open' | 'locations'> = {
      open: () => Promise.resolve(made.opened()),
      locations: () =>
        Promise.resolve(actors.map(({ nodeId }, shard) => ({ holderId: nodeId, shard }))),
    };
    reader = new Reader({
      catalog: catalog as Catalog,
      runtime: fixture.runtime,
      logger: { ...silentLogger, warn: (...words: unknown[]) => warned.push(words) },
      holder: (nodeId) => holders.find((holder) => holder.nodeId === nodeId),
      reach: () => Promise.resolve(),
    });
  }

  const read = (offset: number, length: number, entry: string | null = null) =>
    reader.read(file.shareId, entry, { offset, length }, never);
  const pieces = (): number => holders.reduce((sum, holder) => sum + holder.count('piece'), 0);

  async function readAll(from: number, to: number): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    for (let at = from; at < to; at += parts.at(-1)?.byteLength ?? Infinity) {
      parts.push((await read(at, to - at)).bytes);
    }
    return Buffer.concat(parts);
  }

  it('gives any range, and asks only for the segments that it touches', async () => {
    const capacity = segmentCapacity(file.geometry, 0);
    const ranges = [
      [0, 1],
      [capacity - 1, capacity + 1],
      [capacity, 2 * capacity],
      [19_999, 20_000],
    ] as const;
    for (const [from, to] of ranges) {
      assert.deepEqual(await readAll(from, to), Buffer.from(file.content.subarray(from, to)));
    }
    assert.equal(pieces(), 2 * 3); // segments 0, 1 and the last
    assert.deepEqual(await readAll(0, 20_000), Buffer.from(file.content));
    const beyond = await read(20_000, 10);
    assert.deepEqual([beyond.size, beyond.bytes.byteLength, beyond.fetched], [20_000, 0, 0]);
    assert.ok(holders.every((holder) => holder.count('hashes') <= 1));
  });

  it('ends an answer where a segment ends, before it grows too large', async () => {
    const { bytes } = await read(5, 20_000);
    const ends = Array.from({ length: file.geometry.segments }, (_, at) =>
      segmentStart(file.geometry, at),
    );
    assert.ok(ends.includes(5 + bytes.byteLength));
    assert.ok(bytes.byteLength <= MAX_READ);
  });

  it('keeps what it read last: reading on costs nothing twice', async () => {
    const first = await read(0, 10);
    assert.ok(first.fetched > 0);
    assert.equal((await read(20, 10)).fetched, 0);
  });

  it('finds the entry of a single file, its tree, and no other entry', async () => {
    assert.equal((await read(0, 1, 'file.bin')).size, 20_000);
    await rejects('not-found', () => read(0, 1, 'other'));
    const { entries, next } = await reader.entries(
      file.shareId,
      { under: '', direct: false, from: 0, limit: 10 },
      never,
    );
    assert.deepEqual([entries.map(({ path }) => path), next], [['file.bin'], null]);
    const tail = await reader.tail(file.shareId, never);
    assert.equal(tail.start + tail.bytes.byteLength, file.info.size);
  });

  it('goes on with others when holders are gone, hang, or send garbage', async () => {
    const faults = [
      (holder: MemoryHolder) => (holder.before = gone),
      (holder: MemoryHolder) => (holder.before = (_step, signal) => hang(signal)),
      (holder: MemoryHolder) => (holder.alter = (piece) => piece.fill(7)),
    ];
    for (const fault of faults) {
      await reader.close();
      open(new MadeFile({ ...options, size: 5000 }));
      for (const holder of holders.slice(0, 2)) fault(holder);
      assert.deepEqual(await readAll(0, 5000), Buffer.from(file.content));
    }
    assert.ok(warned.length > 0);
  });

  it('believes no member who can make a segment that opens', async () => {
    // Every member has the content key: this copy opens, and is not what its author signed.
    open(new MadeFile({ ...options, k: 1, m: 3, size: 3000 }));
    const codec = new SegmentCodec(loadKernel(), {
      shareId: file.opened().manifest.shareId,
      geometry: file.geometry,
    });
    const liar = holders[0] ?? assert.fail();
    liar.alter = (_piece, segment) => {
      const plain = randomBytes(segmentCapacity(file.geometry, segment));
      return codec.encode(segment, plain, file.info.contentKey)[0] ?? assert.fail();
    };
    for (const holder of holders.slice(1)) {
      holder.before = (step) =>
        step === 'piece' ? new Promise((go) => setTimeout(go, 50)) : undefined;
    }
    assert.deepEqual(await readAll(0, 3000), Buffer.from(file.content));
    assert.ok(liar.count('piece') > 0);
    assert.deepEqual(warned[0]?.slice(0, 2), ['wrong piece', liar.nodeId]);
  });

  it('does not wait for the hashes of a copy whose holder hangs', async () => {
    open(new MadeFile({ ...options, k: 1, m: 3, size: 3000 }));
    const silent = holders[0] ?? assert.fail();
    silent.before = (_step, signal) => hang(signal);
    const started = performance.now();
    assert.deepEqual(await readAll(0, 500), Buffer.from(file.content.subarray(0, 500)));
    assert.ok(silent.count('hashes') > 0);
    assert.ok(performance.now() - started < 4000);
  });

  it('takes no page of hashes that does not lead to the signed root', async () => {
    for (const holder of holders) holder.pieces.set(0, new Uint8Array(holder.pieces.get(0) ?? []));
    const liar = holders[1] ?? assert.fail();
    const honest = liar.hashes.bind(liar);
    liar.hashes = async (...args) => {
      const answer = await honest(...args);
      answer.page.fill(1);
      return answer;
    };
    assert.deepEqual(await readAll(0, 3000), Buffer.from(file.content.subarray(0, 3000)));
    assert.deepEqual(
      warned.map((words) => words[1]).filter((id) => id !== liar.nodeId),
      [],
    );
  });

  it('says when too few are left, and ends when it is cancelled', async () => {
    for (const holder of holders.slice(0, 3)) holder.before = gone;
    await rejects('not-enough-shards', () => read(0, 1));
    for (const holder of holders) holder.before = (_step, signal) => hang(signal);
    await reader.close();
    open(file);
    for (const holder of holders) holder.before = (_step, signal) => hang(signal);
    const controller = new AbortController();
    const waiting = reader.read(file.shareId, null, { offset: 0, length: 1 }, controller.signal);
    setImmediate(() => {
      controller.abort();
    });
    await assert.rejects(waiting, (error: PeerError) => error.code === 'cancelled');
  });

  it('lets nobody read once it is closed', async () => {
    await reader.close();
    await reader.close();
    await rejects('closed', () => read(0, 1));
  });
});
