import { Random } from '../fuzz/engine/random.js';
import { mostPeers, type ModelFile, type ModelPeer, type World } from './model.js';
import type { Interrupt, Operation } from './operations.js';

export interface ScheduleOptions {
  /** Operations between two checks of everything. */
  readonly checkEvery: number;
  /** Whether there are faults that hold everything up until a deadline passes: frozen peers, lines that stall. */
  readonly slow: boolean;
}

const KiB = 1024;
const mostBytes = 3 << 20;
/** Peers that may be down at a time. */
const mostDown = 2;
/** Members that may go for good, and how few may be left then: as many as the largest redundancy needs. */
const mostLost = 3;
const fewestPeers = 6;

interface Choice {
  /** How often it is chosen, compared with the others that are possible. */
  readonly weight: number;
  readonly make: () => Operation;
}

/**
 * Chooses the next operation, by the seed and by what the model says of the group: never by what was measured, so that
 * a seed repeats the whole run.
 */
export class Schedule {
  readonly #random: Random;
  #count = 0;

  constructor(
    seed: number,
    private readonly options: ScheduleOptions,
  ) {
    this.#random = new Random(seed);
  }

  next(world: World): Operation {
    this.#count += 1;
    if (this.#count % this.options.checkEvery === 0) return { kind: 'check' };
    const choices = [...this.#transfers(world), ...this.#faults(world), ...this.#members(world)];
    let left = this.#random.below(choices.reduce((sum, { weight }) => sum + weight, 0));
    for (const { weight, make } of choices) {
      left -= weight;
      if (left < 0) return make();
    }
    return { kind: 'check' };
  }

  #transfers(world: World): Choice[] {
    const random = this.#random;
    const { index: peer } = random.pick(world.up());
    const listed = world.listedAt(peer);
    const choices: Choice[] = [{ weight: 24, make: () => this.#share(world, peer) }];
    if (listed.length === 0) return choices;
    const file = random.pick(listed);
    const there = { peer, file: file.number };
    choices.push(
      { weight: 24, make: () => this.#get(world, peer, file) },
      { weight: 3, make: () => this.#crowd(world, file) },
      { weight: 10, make: () => ({ kind: 'read', ...there, ...this.#range(file) }) },
      { weight: 3, make: () => ({ kind: 'verify', ...there }) },
      { weight: 2, make: () => ({ kind: 'repair', ...there }) },
      { weight: 1, make: () => ({ kind: 'repair', peer, file: null }) },
    );
    const own = listed.filter(({ author }) => peer === 0 || author === peer);
    if (own.length > 2) {
      choices.push({
        weight: 5,
        make: () => ({ kind: 'delete', peer, file: random.pick(own).number }),
      });
    }
    const ended = world.endedAt(peer);
    if (ended.length > 0) {
      choices.push({
        weight: 2,
        make: () => ({ kind: 'get', peer, file: random.pick(ended).number }),
      });
    }
    return choices;
  }

  #faults(world: World): Choice[] {
    const random = this.#random;
    const choices: Choice[] = [];
    const up = world.up();
    const down = world.present().filter(({ state }) => state === 'down');
    const { index: peer } = random.pick(up);
    if (down.length < mostDown) {
      choices.push(
        { weight: 8, make: () => ({ kind: 'kill', peer }) },
        { weight: 2, make: () => ({ kind: 'stop', peer }) },
      );
    }
    if (down.length > 0) {
      choices.push({ weight: 16, make: () => ({ kind: 'start', peer: random.pick(down).index }) });
    }
    choices.push(
      world.isCut
        ? { weight: 12, make: () => ({ kind: 'heal' }) }
        : { weight: 6, make: () => ({ kind: 'cut', peers: this.#some(world.present()) }) },
    );
    const full = world.present().find(({ isFull }) => isFull);
    if (full === undefined) choices.push({ weight: 2, make: () => ({ kind: 'fill', peer }) });
    else if (full.state === 'up') {
      choices.push({ weight: 6, make: () => ({ kind: 'empty', peer: full.index }) });
    }
    const files = world.files.filter(({ state }) => state === 'shared');
    if (files.length > 0) choices.push({ weight: 7, make: () => this.#damage(files) });
    if (this.options.slow && !world.isCut) choices.push(...this.#stalls(world));
    return choices;
  }

  #stalls(world: World): Choice[] {
    const random = this.#random;
    const { index: getter } = random.pick(world.up());
    const others = world.reachable(getter);
    const listed = world.listedAt(getter);
    if (others.length < 2 || listed.length === 0) return [];
    const file = random.pick(listed).number;
    return [
      {
        weight: 1,
        make: () => ({ kind: 'freeze', peer: random.pick(others).index, getter, file }),
      },
      {
        weight: 1,
        make: () => ({ kind: 'stall', peers: this.#some(world.present()), getter, file }),
      },
    ];
  }

  #members(world: World): Choice[] {
    if (!world.isWhole) return [];
    const random = this.#random;
    const choices: Choice[] = [];
    const present = world.present();
    const anybody = random.pick(present.slice(1)).index; // never the founder, who alone lets others in
    if (present.length < mostPeers) choices.push({ weight: 3, make: () => ({ kind: 'join' }) });
    choices.push({ weight: 2, make: () => ({ kind: 'leave', peer: anybody }) });
    if (present.length > fewestPeers && world.peers.length - present.length < mostLost) {
      const how = random.oneIn(2) ? 'lost' : 'remove';
      choices.push({ weight: 2, make: () => ({ kind: 'lose', peer: anybody, how }) });
    }
    return choices;
  }

  #share(world: World, peer: number): Operation {
    const random = this.#random;
    const file = world.files.length;
    const size = this.#size();
    const fresh = { kind: 'share', peer, file, name: `file ${file}.bin`, size } as const;
    const others = world.reachable(peer);
    if (others.length > 1 && random.oneIn(6)) {
      return { ...fresh, size: size + 64 * KiB, interrupt: this.#interrupt(world, peer, others) };
    }
    const own = world.files.filter(({ author, state }) => author === peer && state === 'shared');
    if (own.length === 0 || !random.oneIn(4)) return fresh;
    return { ...fresh, name: random.pick(own).name };
  }

  #get(world: World, peer: number, { number: file }: ModelFile): Operation {
    const others = world.reachable(peer);
    if (others.length < 2 || !this.#random.oneIn(8)) return { kind: 'get', peer, file };
    return { kind: 'get', peer, file, interrupt: this.#interrupt(world, peer, others) };
  }

  #crowd(world: World, file: ModelFile): Operation {
    const peers = world
      .up()
      .filter(({ index }) => file.knownTo.has(index))
      .map(({ index }) => index);
    return { kind: 'crowd', peers, file: file.number };
  }

  #interrupt(world: World, peer: number, others: readonly ModelPeer[]): Interrupt {
    const random = this.#random;
    const at = random.below(1000) / 1000;
    const cancel = { how: 'cancel', who: peer, at } as const;
    if (random.oneIn(4)) return cancel;
    if (random.oneIn(4) && !world.isCut) return { how: 'cut', who: peer, at };
    const down = world.present().length - world.up().length;
    if (down >= mostDown) return cancel;
    return { how: 'kill', who: random.oneIn(2) ? peer : random.pick(others).index, at };
  }

  #range({ size }: ModelFile): { offset: number; length: number } {
    const random = this.#random;
    return { offset: random.below(size + 1), length: 1 + random.below(200 * KiB) };
  }

  #damage(files: readonly ModelFile[]): Operation {
    const random = this.#random;
    const how = random.pick(['flip', 'flip', 'cut off', 'remove'] as const);
    return { kind: 'damage', file: random.pick(files).number, pick: random.below(64), how };
  }

  /** Mostly small: what is to be found lies in the steps, not in the bytes. */
  #size(): number {
    const random = this.#random;
    const edges = [0, 1, 495, 496, 497, 512, 64 * KiB, (1 << 20) - 28, 1 << 20];
    if (random.oneIn(4)) return random.pick(edges);
    return random.oneIn(6) ? random.below(mostBytes) : random.below(96 * KiB);
  }

  /** Not none of them, and not all. */
  #some(peers: readonly ModelPeer[]): number[] {
    const random = this.#random;
    const order = peers.map(({ index }) => ({ index, by: random.next() }));
    order.sort((a, b) => a.by - b.by);
    const count = 1 + random.below(Math.max(1, peers.length - 1));
    return order.slice(0, count).map(({ index }) => index);
  }
}
