import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import fc from 'fast-check';
import { pieceHash } from '../../../src/chunk/shardRoot.js';
import { concatBytes } from '../../../src/common/bytes.js';
import { PeerError } from '../../../src/common/errors.js';
import { lend } from '../../../src/common/memory.js';
import { DamageBook } from '../../../src/peer/repair/damageBook.js';
import { Dropper } from '../../../src/peer/repair/dropper.js';
import { Actor } from '../support/actor.js';
import { MadeFile } from '../support/madeFile.js';
import { rejects } from '../support/rejects.js';

const actors = Array.from({ length: 4 }, (_, at) => new Actor(`holder ${String(at)}`));
const author = new Actor('author');
const shard = 1;
const file = new MadeFile({
  ...{ groupId: 'ab'.repeat(32), author, epochKey: new Uint8Array(32), size: 9_000 },
});
const share = file.opened();
const { shareId } = file;
const pieces = file.pieces[shard] ?? [];
const hashes = concatBytes(...pieces.map((piece) => pieceHash(piece)));
const { signal } = new AbortController();

/** When a step of somebody happens. */
type Schedule = <T>(step: T, what: string) => Promise<T>;

/** Holders of one shard, each by itself; what they say to each other takes its time. */
class Company {
  readonly has: Set<string>;
  readonly droppers = new Map<string, Dropper>();
  readonly damage = new DamageBook();
  /** What is answered instead of a piece. */
  alter: (piece: Uint8Array) => Uint8Array = (piece) => piece;
  isGenuine = true;

  constructor(
    holders: readonly Actor[],
    private readonly schedule: Schedule = (step) => Promise.resolve(step),
  ) {
    this.has = new Set(holders.map(({ nodeId }) => nodeId));
    for (const actor of holders) this.droppers.set(actor.nodeId, this.#dropper(actor));
  }

  get(actor: Actor): Dropper {
    return this.droppers.get(actor.nodeId) ?? assert.fail();
  }

  #dropper(actor: Actor): Dropper {
    const { nodeId } = actor;
    const require = (): void => {
      if (!this.has.has(nodeId)) throw new PeerError('not-found', 'It is not here.');
    };
    return new Dropper({
      nodeId,
      catalog: {
        signed: () => this.schedule(share, 'catalog'),
        genuine: (receipts) => Promise.resolve(this.isGenuine ? receipts : []),
      },
      shards: {
        readHashes: async () => {
          require();
          return await this.schedule(hashes, 'hashes');
        },
        readPiece: async (_share, _shard, segment) => {
          require();
          const piece = pieces[segment] ?? assert.fail();
          return await this.schedule(lend(this.alter(piece.slice())), 'piece');
        },
        remove: async () => {
          await this.schedule(null, 'remove');
          this.has.delete(nodeId);
        },
      },
      word: {
        fresh: () => this.schedule(file.receipt(actor, shard), 'sign'),
        release: async () => {
          await this.schedule(null, 'release');
        },
      },
      damage: this.damage,
      colleague: (other) => {
        const there = this.droppers.get(other);
        if (there === undefined) return undefined;
        return {
          nodeId: other,
          take: () => Promise.reject(new PeerError('internal', 'Nobody takes anything here.')),
          rely: async (id, at, segment) => {
            await this.schedule(null, 'question');
            const { receipt, piece } = await there.answer(id, at, segment);
            await this.schedule(null, 'answer');
            return { receipt, piece: piece.bytes };
          },
        };
      },
    });
  }
}

describe('Dropper', () => {
  it('never lets all holders of a shard drop it, whatever happens when, and whomever each relies on', async () => {
    const ids = actors.map(({ nodeId }) => nodeId);
    const attempts = fc.array(
      fc.record({ by: fc.constantFrom(...ids), relyOn: fc.shuffledSubarray(ids) }),
      { minLength: 2, maxLength: 10 },
    );
    let dropped = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: actors.length }),
        attempts,
        fc.scheduler(),
        async (count, tries, scheduler) => {
          const company = new Company(actors.slice(0, count), (step, what) =>
            scheduler.schedule(Promise.resolve(step), what),
          );
          const outcomes = Promise.allSettled(
            tries
              .filter(({ by }) => company.droppers.has(by))
              .map(
                async ({ by, relyOn }) =>
                  await company.droppers.get(by)?.drop(
                    share,
                    shard,
                    relyOn.filter((other) => other !== by),
                    signal,
                  ),
              ),
          );
          await scheduler.waitFor(outcomes);
          assert.ok(company.has.size >= 1, 'the last copy is gone');
          dropped += count - company.has.size;
        },
      ),
      { numRuns: 400 },
    );
    assert.ok(dropped > 100, 'something was dropped at all');
  });

  describe('of two holders', () => {
    const [self, other] = [actors[0] ?? assert.fail(), actors[1] ?? assert.fail()];
    let company: Company;
    beforeEach(() => {
      company = new Company([self, other]);
    });
    const drop = (): Promise<string | null> =>
      company.get(self).drop(share, shard, [other.nodeId], signal);

    it('drops what the other one has', async () => {
      assert.equal(await drop(), other.nodeId);
      assert.deepEqual([...company.has], [other.nodeId]);
    });

    it('keeps it when the other one has it no more, or not rightly, and remembers that', async () => {
      company.has.delete(other.nodeId);
      assert.equal(await drop(), null);
      assert.equal(company.damage.of(shareId, shard, other.nodeId), 'damaged');
      company.has.add(other.nodeId);
      company.damage.clear(shareId, shard, other.nodeId);
      company.alter = (piece) => piece.fill(7);
      assert.equal(await drop(), null);
      assert.equal(company.damage.of(shareId, shard, other.nodeId), 'damaged');
      assert.ok(company.has.has(self.nodeId));
    });

    it('keeps it when the receipt is not genuine, when nobody is there, and when it is told to stop', async () => {
      company.isGenuine = false;
      assert.equal(await drop(), null);
      company.isGenuine = true;
      company.droppers.delete(other.nodeId);
      const mine = company.get(self);
      assert.equal(await mine.drop(share, shard, [other.nodeId], signal), null);
      assert.equal(await mine.drop(share, shard, [], signal), null);
      assert.ok(company.has.has(self.nodeId));
    });

    it('answers nobody while it drops the shard itself, and drops it once', async () => {
      let refused: Promise<unknown> | undefined;
      let again: Promise<unknown> | undefined;
      const slow = new Company([self, other], async (step, what) => {
        if (what === 'question') {
          refused = rejects('in-use', () => slow.get(self).answer(shareId, shard, 0));
          await refused;
          again = rejects('not-found', () =>
            slow.get(self).drop(share, shard, [other.nodeId], signal),
          );
        }
        return step;
      });
      await slow.get(self).drop(share, shard, [other.nodeId], signal);
      assert.ok(refused && again);
      await again;
      assert.deepEqual([...slow.has], [other.nodeId]);
    });

    it('lets nobody rely on what it knows to be damaged somewhere', async () => {
      company.damage.report(shareId, shard, other.nodeId, 'damaged');
      await rejects('in-use', () => company.get(other).answer(shareId, shard, 0));
      assert.equal(await drop(), null);
      assert.ok(company.has.has(self.nodeId));
    });

    it('gives up what nobody has only when it is told to', async () => {
      await company.get(self).abandon(share, shard);
      assert.deepEqual([...company.has], [other.nodeId]);
    });
  });
});
