import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { silentLogger } from '../../src/common/logger.js';
import { Catalog } from '../../src/peer/catalog/catalog.js';
import type { Entry } from '../../src/peer/catalog/intake.js';
import type { Membership } from '../../src/peer/membership/membership.js';
import type { Store } from '../../src/store/store.js';
import { Actor } from '../peer/support/actor.js';
import { admit, join } from '../peer/support/group.js';
import { MadeFile } from '../peer/support/madeFile.js';
import { PeerFixture } from '../peer/support/peerFixture.js';

/** What happened to one share. */
interface Story {
  /** Version of one of two files. */
  readonly file: number;
  /** How many of three holders signed; all three are needed. */
  readonly words: number;
  readonly tombstones: readonly ('author' | 'admin' | 'member' | 'stranger' | 'forged')[];
}

const story: fc.Arbitrary<Story> = fc.record({
  file: fc.nat(1),
  words: fc.integer({ min: 2, max: 3 }),
  tombstones: fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    fc.uniqueArray(fc.constantFrom('author', 'admin', 'member', 'stranger', 'forged'), {
      maxLength: 3,
    }),
  ),
});

/** In which order, and in pages of which sizes, a catalog hears of it all; what is told twice comes again. */
const hearing = fc.record({
  seed: fc.nat(),
  pages: fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 }),
  again: fc.boolean(),
});

describe('catalogs that hear of commits and deletions in any order', function () {
  this.timeout(120_000);
  const founder = new Actor('founder');
  const [author, member, stranger] = [new Actor('author'), new Actor('member'), new Actor('x')];
  const holders = Array.from({ length: 3 }, (_, index) => new Actor(`holder ${String(index)}`));
  const peers = Array.from({ length: 3 }, (_, index) => new Actor(`peer ${String(index)}`));
  let fixture: PeerFixture;
  let admin: Membership;
  let sides: { readonly store: Store; readonly catalog: Catalog }[];
  before(async () => {
    fixture = new PeerFixture();
    admin = await fixture.membership(founder);
    await admin.createGroup('team', 'founder');
    for (const one of [author, member, ...holders]) await admit(admin, one);
    sides = [];
    for (const peer of peers) {
      const store = await fixture.store();
      const membership = await fixture.membership(peer, store);
      await join(admin, peer, membership);
      sides.push({ store, catalog: new Catalog(store.state, membership, silentLogger) });
    }
  });
  after(() => fixture.remove());

  const forge = (bytes: Uint8Array): Uint8Array => {
    const forged = bytes.slice();
    forged[forged.length - 1] = (forged[forged.length - 1] ?? 0) ^ 1;
    return forged;
  };

  it('agree, and nothing that was deleted comes back', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(story, { minLength: 1, maxLength: 6 }),
        fc.array(hearing, { minLength: peers.length, maxLength: peers.length }),
        async (stories, hearings) => {
          run += 1;
          const entries: Entry[] = [];
          const told = new Map<string, Story>();
          const files: MadeFile[][] = [[], []];
          for (const [index, one] of stories.entries()) {
            const versions = files[one.file] ?? [];
            const before = versions.at(-1);
            const file = new MadeFile({
              ...{ groupId: admin.groupId, author, epochKey: admin.currentEpoch().key, size: 10 },
              ...{ name: `file ${String(one.file)} ${String(run)}`, createdAt: 1000 + index },
              lineage: (2 * run + one.file) % 256,
              ...(before === undefined ? {} : { predecessor: before.shareId }),
            });
            versions.push(file);
            told.set(file.shareId, one);
            entries.push({ kind: 'manifest', bytes: file.manifest });
            for (const [shard, holder] of holders.slice(0, one.words).entries()) {
              entries.push({ kind: 'receipt', bytes: file.receipt(holder, shard) });
            }
            const signed = {
              author: () => file.tombstone(author),
              admin: () => file.tombstone(founder),
              member: () => file.tombstone(member),
              stranger: () => file.tombstone(stranger),
              forged: () => forge(file.tombstone(author)),
            };
            for (const who of one.tombstones) {
              entries.push({ kind: 'tombstone', bytes: signed[who]() });
            }
          }
          const lives = ({ words, tombstones }: Story): boolean =>
            words === 3 && !tombstones.some((who) => who === 'author' || who === 'admin');
          const newest = files.map((versions) =>
            versions.findLast(({ shareId }) => lives(told.get(shareId) ?? assert.fail())),
          );
          const expected = [...told]
            .filter(([, one]) => lives(one))
            .map(([shareId]) => [shareId, !newest.some((file) => file?.shareId === shareId)]);

          for (const [side, { seed, pages, again }] of hearings.entries()) {
            const { catalog, store } = sides[side] ?? assert.fail();
            const order = shuffled(again ? [...entries, ...entries] : entries, seed);
            const dead = new Set<string>();
            const listening = catalog.onDidDelete((shareId) => dead.add(shareId));
            for (let at = 0, page = 0; at < order.length; page++) {
              const size = pages[page % pages.length] ?? 1;
              await catalog.merge(order.slice(at, at + size));
              at += size;
              // At every moment, not only at the end.
              for (const shareId of dead) assert.equal(await catalog.manifestOf(shareId), null);
            }
            listening.dispose();
            const found: [string, boolean][] = [];
            for (const shareId of told.keys()) {
              const row = await store.state.getShare(shareId);
              if (row?.listed === true) found.push([shareId, row.superseded]);
            }
            assert.deepEqual(found, expected);
          }
        },
      ),
      { numRuns: 40 },
    );
    // What each would tell others of: of a share that is deleted, its tombstones alone.
    for (const { store } of sides) {
      const log = await store.state.logAfter(0, 100_000, 1 << 26);
      const kinds = new Set(log.map(({ kind }) => kind));
      assert.deepEqual([...kinds].sort(), ['manifest', 'receipt', 'record', 'tombstone']);
    }
  });
});

function shuffled<T>(items: readonly T[], seed: number): T[] {
  const order = [...items];
  let state = seed || 1;
  for (let at = order.length - 1; at > 0; at--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const other = state % (at + 1);
    [order[at], order[other]] = [order[other] as T, order[at] as T];
  }
  return order;
}
