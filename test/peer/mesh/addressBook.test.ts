import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { AddressBook } from '../../../src/peer/mesh/addressBook.js';
import type { StateStore } from '../../../src/store/store.js';
import { PeerFixture } from '../support/peerFixture.js';

const anna = 'a'.repeat(64);
const bert = 'b'.repeat(64);

describe('AddressBook', () => {
  let fixture: PeerFixture;
  let state: StateStore;
  let book: AddressBook;
  before(() => {
    fixture = new PeerFixture();
  });
  beforeEach(async () => {
    ({ state } = await fixture.store());
    book = await AddressBook.load(state);
  });
  after(() => fixture.remove());

  const of = (nodeId: string): readonly string[] => book.get(nodeId)?.addresses ?? [];

  it('puts the address that led there first, and keeps it first when the member calls in', async () => {
    await book.meet(anna, ['a:1', 'b:1'], { at: 1, stays: true, dialled: 'far:1' });
    assert.deepEqual(of(anna), ['far:1', 'a:1', 'b:1']);
    const many = Array.from({ length: 8 }, (_, i) => `own:${String(i)}`);
    await book.meet(anna, many, { at: 2, stays: false });
    assert.deepEqual(of(anna), ['far:1', ...many.slice(0, 7)]);
    assert.deepEqual((await AddressBook.load(state)).get(anna), book.get(anna));
    assert.deepEqual([book.get(anna)?.lastSeen, book.get(anna)?.stays], [2, false]);
  });

  it('saw somebody last when the connection ended, and nobody whom it never met', async () => {
    await book.meet(anna, ['a:1'], { at: 1, stays: true });
    await book.part(anna, 7);
    await book.part(bert, 7);
    assert.deepEqual((await AddressBook.load(state)).entries(), [
      { nodeId: anna, addresses: ['a:1'], lastSeen: 7, stays: true },
    ]);
    assert.deepEqual(book.get(anna)?.lastSeen, 7);
  });

  it('puts hearsay behind the best, and takes none for what is known', async () => {
    const told = ['a:1', 'b:1', 'c:1', 'd:1', 'e:1'];
    await book.meet(anna, told, { at: 1, stays: false });
    assert.ok(await book.learn(anna, ['x:1', 'e:1']));
    assert.deepEqual(of(anna), ['a:1', 'b:1', 'c:1', 'd:1', 'x:1', 'e:1']);
    assert.ok(!(await book.learn(anna, ['e:1', 'x:1', 'a:1'])));
    assert.equal(book.get(anna)?.lastSeen, 1);
  });

  it('ranks last where a stranger answers, and hearsay does not undo it', async () => {
    await book.meet(anna, ['a:1', 'b:1'], { at: 1, stays: false });
    await book.correct(anna, 'a:1', undefined);
    assert.deepEqual(of(anna), ['b:1', 'a:1']);
    await book.learn(anna, ['a:1', 'c:1']);
    assert.deepEqual(of(anna), ['b:1', 'a:1', 'c:1']);
    await book.correct(anna, 'unknown:1', undefined);
    assert.deepEqual(of(anna), ['b:1', 'a:1', 'c:1']);
  });

  it('gives an address to the member that it belongs to now', async () => {
    await book.meet(anna, ['a:1', 'b:1'], { at: 1, stays: false });
    await book.correct(anna, 'a:1', bert);
    assert.deepEqual([of(anna), of(bert)], [['b:1'], ['a:1']]);
    assert.equal(book.get(bert)?.lastSeen, 0);
  });

  it('keeps at most eight of one member, each once, whatever happens', async () => {
    const address = fc.integer({ min: 0, max: 20 }).map((port) => `h:${String(port)}`);
    const list = fc.array(address, { maxLength: 12 });
    const step = fc.oneof(
      list.map((told) => () => book.learn(anna, told)),
      fc.tuple(list, fc.option(address)).map(([told, dialled]) => async () => {
        const met = { at: 1, stays: true, ...(dialled !== null && { dialled }) };
        await book.meet(anna, told, met);
        if (dialled !== null) assert.equal(of(anna)[0], dialled);
      }),
      address.map((one) => () => book.correct(anna, one, undefined)),
      address.map((one) => () => book.correct(anna, one, bert)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
        for (const run of steps) {
          await run();
          for (const nodeId of [anna, bert]) {
            assert.ok(of(nodeId).length <= 8);
            assert.equal(new Set(of(nodeId)).size, of(nodeId).length);
          }
        }
      }),
      { numRuns: 30 },
    );
  });
});
