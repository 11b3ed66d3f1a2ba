import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mostPeers, World } from './model.js';
import { operationText, type Operation } from './operations.js';
import { Schedule } from './schedule.js';
import { peersAtFirst } from './soak.js';

const options = { checkEvery: 50, slow: true };

/** The operations of a seed; `look` is shown the group before each. */
function play(
  seed: number,
  count: number,
  look: (world: World, operation: Operation) => void = () => undefined,
): Operation[] {
  const world = new World(peersAtFirst(seed));
  const schedule = new Schedule(seed, options);
  return Array.from({ length: count }, () => {
    const operation = schedule.next(world);
    look(world, operation);
    world.apply(operation);
    return operation;
  });
}

const seeds = fc.integer({ min: 0, max: 1e9 });

describe('the schedule of the soak test', () => {
  it('is the same for the same seed, and another for another', () => {
    const text = (seed: number): string => play(seed, 200).map(operationText).join('\n');
    assert.equal(text(7), text(7));
    assert.notEqual(text(7), text(8));
  });

  it('asks nothing that makes no sense, and leaves enough peers', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        play(seed, 150, (world, operation) => {
          assert.ok(world.up().length >= 3 && world.present().length <= mostPeers);
          assert.notEqual(world.peer(0).state, 'gone');
          const isStart = operation.kind === 'start';
          if ('peer' in operation) {
            assert.equal(world.peer(operation.peer).state, isStart ? 'down' : 'up');
          }
          if (['join', 'leave', 'lose'].includes(operation.kind)) assert.ok(world.isWhole);
        });
      }),
      { numRuns: 30 },
    );
  });

  it('comes to everything that it knows', () => {
    const kinds = new Set([1, 2, 3].flatMap((seed) => play(seed, 1000)).map(({ kind }) => kind));
    assert.deepEqual([...kinds].sort(), [
      ...['check', 'crowd', 'cut', 'damage', 'delete', 'empty', 'fill', 'freeze', 'get', 'heal'],
      ...['join', 'kill', 'leave', 'lose', 'read', 'repair', 'share', 'stall', 'start', 'stop'],
      'verify',
    ]);
  });
});

describe('the model of the soak test', () => {
  const shareOf = (peer: number, file: number, name = `file ${file}`): Operation => ({
    ...{ kind: 'share', peer, file, name, size: 1 },
  });

  it('has news pass to whom a peer can reach, and to the others once they meet', () => {
    const world = new World(4);
    world.apply({ kind: 'stop', peer: 3 });
    world.apply({ kind: 'cut', peers: [2, 3] });
    world.apply(shareOf(0, 0));
    assert.deepEqual([...world.file(0).knownTo], [0, 1]);
    world.apply({ kind: 'start', peer: 3 });
    world.apply({ kind: 'heal' });
    assert.deepEqual([...world.file(0).knownTo].sort(), [0, 1, 2, 3]);
    world.apply({ kind: 'cut', peers: [1] });
    world.apply({ kind: 'delete', peer: 1, file: 0 });
    assert.deepEqual([world.endedAt(0), world.endedAt(1)], [[], [world.file(0)]]);
    world.apply({ kind: 'check' });
    assert.deepEqual(world.endedAt(3), [world.file(0)]);
  });

  it('expects a share to be refused where nobody but a full peer could take it', () => {
    const world = new World(3);
    assert.equal(world.expects(shareOf(0, 0)), 'done');
    world.apply({ kind: 'cut', peers: [0, 1] });
    assert.equal(world.expects(shareOf(0, 0)), 'done');
    assert.equal(world.expects(shareOf(2, 0)), 'refused');
    world.apply({ kind: 'fill', peer: 1 });
    assert.equal(world.expects(shareOf(0, 0)), 'refused');
    assert.equal(world.expects(shareOf(1, 0)), 'done');
  });

  it('relies on nothing that was interrupted, and on no more versions than are kept', () => {
    const world = new World(3);
    const interrupt = { how: 'kill', who: 0, at: 0.5 } as const;
    world.apply({ kind: 'share', peer: 0, file: 0, name: 'a', size: 1, interrupt });
    assert.deepEqual([world.file(0).state, world.peer(0).state], ['maybe', 'down']);
    for (let file = 1; file <= 4; file++) world.apply(shareOf(1, file, 'b'));
    assert.deepEqual(
      world.files.map(({ state }) => state),
      ['maybe', 'fading', 'shared', 'shared', 'shared'],
    );
  });
});
