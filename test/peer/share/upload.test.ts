import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { verifyReceipt } from '../../../src/chunk/receipt.js';
import { pieceHash } from '../../../src/chunk/shardRoot.js';
import { PeerError } from '../../../src/common/errors.js';
import { Upload, type UploadOptions } from '../../../src/peer/share/upload.js';
import { VirtualTime } from '../../support/virtualTime.js';
import { Actor } from '../support/actor.js';
import { MadeFile } from '../support/madeFile.js';
import { gone, hang, MemoryHolder } from '../support/memoryHolder.js';
import { rejects } from '../support/rejects.js';

const groupId = 'ab'.repeat(32);
const actors = Array.from({ length: 4 }, (_, index) => new Actor(`holder ${String(index)}`));
const author = new Actor('author');
const file = new MadeFile({ groupId, author, epochKey: new Uint8Array(32), size: 40_000 });
const { segments } = file.geometry;

describe('Upload', () => {
  let holders: MemoryHolder[];
  /** Segments; one for each test: what a test before it has left may still come to its end. */
  let arrived: { count: number };
  let controller: AbortController;
  let upload: Upload;
  beforeEach(() => {
    holders = actors.map((actor) => new MemoryHolder(actor, groupId));
    const counted = { count: 0 };
    arrived = counted;
    controller = new AbortController();
    upload = new Upload({
      shareId: file.shareId,
      geometry: file.geometry,
      random: new Uint8Array(16),
      holders,
      needed: 3,
      isSigned: (receipt, holderId) => {
        const actor = actors.find(({ nodeId }) => nodeId === holderId);
        return actor !== undefined && verifyReceipt(receipt, actor.spki);
      },
      signal: controller.signal,
      onSegment: () => {
        counted.count += 1;
      },
    });
  });

  const holder = (index: number): MemoryHolder => holders[index] ?? assert.fail();
  const sendAll = (): void => {
    for (let segment = 0; segment < segments; segment++) {
      upload.send(
        segment,
        file.pieces.map((shard) => shard[segment] ?? assert.fail()),
        file.pieces.map((shard) => pieceHash(shard[segment] ?? assert.fail())),
      );
    }
  };
  const failures = (): (string | undefined)[] =>
    holders.map(({ nodeId }) => upload.failures.get(nodeId)?.code);

  it('brings every shard to its holder and brings back receipts', async () => {
    await upload.stage();
    sendAll();
    const receipts = await upload.seal(file.roots);
    assert.deepEqual(
      receipts.map(({ shard, holder: { nodeId } }) => [shard, nodeId]),
      actors.map(({ nodeId }, shard) => [shard, nodeId]),
    );
    assert.equal(arrived.count, segments);
    assert.deepEqual([...holder(3).pieces.values()], file.pieces[3]);
  });

  it('has a bounded number of pieces on the way to each holder', async () => {
    await upload.stage();
    for (const one of holders) {
      one.before = (step, signal) => (step === 'put' ? hang(signal) : undefined);
    }
    sendAll();
    await new Promise(setImmediate);
    assert.deepEqual(
      holders.map((one) => one.count('put')),
      [8, 8, 8, 8],
    );
    await upload.abort();
  });

  it('goes on without a holder that dies in the middle', async () => {
    await upload.stage();
    holder(2).before = (step, _signal, segment) => {
      if (step === 'put' && segment === 5) gone();
    };
    sendAll();
    const receipts = await upload.seal(file.roots);
    assert.deepEqual(
      receipts.map(({ shard }) => shard),
      [0, 1, 3],
    );
    assert.deepEqual(failures(), [undefined, undefined, 'closed', undefined]);
    assert.equal(arrived.count, segments);
    assert.equal(upload.active, 3);
  });

  it('goes on without a holder that does not even begin', async () => {
    holder(0).before = gone;
    await upload.stage();
    sendAll();
    assert.equal((await upload.seal(file.roots)).length, 3);
    assert.equal(holder(0).count('put'), 0);
  });

  describe('when holders go and come back', () => {
    let time: VirtualTime;
    const uploadWith = (more: Partial<UploadOptions> = {}): Upload => {
      const counted = arrived;
      return new Upload({
        ...{ shareId: file.shareId, geometry: file.geometry, random: new Uint8Array(16) },
        ...{ holders, needed: 3, isSigned: () => true, signal: controller.signal, time },
        onSegment: () => {
          counted.count += 1;
        },
        ...more,
      });
    };
    beforeEach(() => {
      time = new VirtualTime();
      upload = uploadWith();
    });

    it('sends what one has missed once it is back, and tells it again what comes', async () => {
      await upload.stage();
      let away = true;
      holder(2).before = (step) => {
        if (away && step !== 'abort') gone();
      };
      sendAll();
      await time.pass(200);
      assert.equal(holder(2).pieces.size, 0);
      away = false;
      await time.pass(100);
      const receipts = await upload.seal(file.roots);
      assert.equal(receipts.length, 4);
      assert.equal(holder(2).count('stage'), 2);
      assert.equal(arrived.count, segments);
    });

    it('gives one up that stays away, after less than two seconds', async () => {
      await upload.stage();
      holder(2).before = gone;
      sendAll();
      await time.pass(1_700);
      assert.equal(upload.active, 4);
      await time.pass(100);
      assert.equal(upload.active, 3);
      assert.equal((await upload.seal(file.roots)).length, 3);
    });

    it('gives one up that always loses the same piece', async () => {
      await upload.stage();
      holder(1).before = (step, _signal, segment) => {
        if (step === 'put' && segment === 3) gone();
      };
      sendAll();
      await time.pass(10_000);
      assert.equal(upload.active, 3);
      assert.equal((await upload.seal(file.roots)).length, 3);
    });

    it('ends at once for the user, whoever is away', async () => {
      await upload.stage();
      for (const one of holders) one.before = gone;
      sendAll();
      const sealed = rejects('cancelled', () => upload.seal(file.roots));
      await time.pass(1);
      controller.abort();
      await time.pass(1_000);
      await sealed;
    });

    it('sends only what an earlier run has not brought, and what is not the same', async () => {
      await upload.stage();
      sendAll();
      await upload.seal(file.roots);
      holder(1).pieces.delete(4);
      holder(2).pieces.set(0, new Uint8Array(1024));
      const puts = holders.map((one) => one.count('put'));
      arrived.count = 0;
      upload = uploadWith({ resumes: true });
      await upload.stage();
      sendAll();
      assert.equal((await upload.seal(file.roots)).length, 4);
      assert.deepEqual(
        holders.map((one, index) => one.count('put') - (puts[index] ?? 0)),
        [0, 1, 1, 0],
      );
      assert.equal(arrived.count, segments);
    });
  });

  describe('with spare holders', () => {
    const extra = [new Actor('spare 0'), new Actor('spare 1')];
    let spares: MemoryHolder[];
    const full = (): never => {
      throw new PeerError('quota', 'This peer lends no more room.');
    };
    const uploadTo = (needed = 3): Upload =>
      new Upload({
        ...{ shareId: file.shareId, geometry: file.geometry, random: new Uint8Array(16) },
        ...{ holders, spares, needed, isSigned: () => true, signal: controller.signal },
        onSegment: () => undefined,
      });
    beforeEach(() => {
      spares = extra.map((actor) => new MemoryHolder(actor, groupId));
      upload = uploadTo();
    });

    it('passes over who has no room, before a piece flows', async () => {
      for (const index of [1, 3]) holder(index).before = full;
      await upload.stage();
      assert.deepEqual(
        upload.holders.map(({ nodeId }) => nodeId),
        [actors[0], extra[0], actors[2], extra[1]].map((actor) => actor?.nodeId),
      );
      sendAll();
      const receipts = await upload.seal(file.roots);
      assert.deepEqual(
        receipts.map(({ shard }) => shard),
        [0, 1, 2, 3],
      );
      assert.deepEqual([...(spares[0]?.pieces.values() ?? [])], file.pieces[1]);
      assert.deepEqual(
        [1, 3].map((index) => holder(index).count('put')),
        [0, 0],
      );
      assert.equal(upload.failures.get(holder(1).nodeId)?.code, 'quota');
    });

    it('asks each spare holder once, and goes on with fewer when none is left', async () => {
      for (const one of [holder(0), holder(2), ...spares]) one.before = full;
      upload = uploadTo(2);
      await upload.stage();
      sendAll();
      assert.equal((await upload.seal(file.roots)).length, 2);
      assert.deepEqual(
        spares.map((spare) => spare.count('stage')),
        [1, 1],
      );
    });

    it('says that there is no room when that is why', async () => {
      for (const one of [holder(0), holder(2), ...spares]) one.before = full;
      const error = await rejects('too-few-peers', () => upload.stage());
      assert.match(error.message, /room/);
      assert.match(error.hint ?? '', /lend/);
    });

    it('tells who was passed over to drop what it may have begun', async () => {
      holder(1).before = (step) => {
        if (step === 'stage') gone();
      };
      await upload.stage();
      await upload.dropLost();
      assert.equal(holder(1).count('abort'), 1);
      await upload.abort();
      assert.equal(spares[0]?.count('abort'), 1);
    });

    it('asks nobody else once it is cancelled', async () => {
      holder(1).before = (step, signal) => (step === 'stage' ? hang(signal) : undefined);
      const staged = upload.stage();
      controller.abort();
      await rejects('cancelled', () => staged);
      assert.equal(spares[0]?.count('stage'), 0);
    });
  });

  it('fails when fewer are left than are needed, while staging, sending or sealing', async () => {
    for (const when of ['stage', 'put', 'seal'] as const) {
      for (const index of [1, 2]) {
        holder(index).before = (step) => {
          if (step === when) gone();
        };
      }
      const error = await rejects('too-few-peers', async () => {
        const attempt = new Upload({
          shareId: file.shareId,
          geometry: file.geometry,
          random: new Uint8Array(16),
          holders,
          needed: 3,
          isSigned: () => true,
          signal: controller.signal,
          onSegment: () => undefined,
        });
        await attempt.stage();
        attempt.send(
          0,
          file.pieces.map((shard) => shard[0] ?? assert.fail()),
          [],
        );
        await attempt.seal(file.roots);
      });
      assert.ok(PeerError.is(error.cause, 'closed'));
    }
  });

  it('tells all holders to drop it, also those that failed and one that does not answer well', async () => {
    await upload.stage();
    holder(1).before = gone;
    upload.send(
      0,
      file.pieces.map((shard) => shard[0] ?? assert.fail()),
      [],
    );
    await new Promise(setImmediate);
    await upload.abort();
    assert.deepEqual(
      holders.map((one) => one.count('abort')),
      [1, 1, 1, 1],
    );
  });

  it('gives up what is on the way when it is aborted or cancelled', async () => {
    await upload.stage();
    for (const one of holders) {
      one.before = (step, signal) => (step === 'put' ? hang(signal) : undefined);
    }
    sendAll();
    const sealed = upload.seal(file.roots);
    controller.abort();
    await rejects('cancelled', () => sealed);
    await rejects('cancelled', () => {
      upload.send(0, [], []);
    });
  });

  const lies: [string, (index: number) => Uint8Array][] = [
    ['of other bytes', (i) => file.receipt(actors[i] ?? author, i, new Uint8Array(32))],
    ['of another shard', (i) => file.receipt(actors[i] ?? author, i + 1)],
    ['in the name of another holder', (i) => file.receipt(actors[0] ?? author, i)],
    [
      'that is not signed by it',
      (i) => {
        const forged = file.receipt(actors[i] ?? author, i);
        forged[forged.length - 1] = (forged[forged.length - 1] ?? 0) ^ 1;
        return forged;
      },
    ],
    [
      'of another share',
      (i) =>
        new MadeFile({ groupId, author, epochKey: new Uint8Array(32), size: 40_000 }).receipt(
          actors[i] ?? author,
          i,
          file.roots[i],
        ),
    ],
    ['that is garbage', () => new Uint8Array([1, 2, 3])],
  ];
  for (const [what, lie] of lies) {
    it(`does not count a receipt ${what}`, async () => {
      await upload.stage();
      sendAll();
      holder(1).alterReceipt = () => lie(1);
      const receipts = await upload.seal(file.roots);
      assert.deepEqual(
        receipts.map(({ shard }) => shard),
        [0, 2, 3],
      );
      assert.ok(upload.failures.has(holder(1).nodeId));
    });
  }
});
