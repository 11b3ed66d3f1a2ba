/**
 * What must be true of a group while the test shares, kills, cuts off and damages. Pure: no clock, no disk, no chance.
 * The model is told of every operation and takes it as done the way it expects. Where chance decides (a peer is
 * killed in the middle of something) it expects either, and relies on neither from then on.
 */
import type { Operation } from './operations.js';

/** Members that a run has at most, those that are gone not counted. */
export const mostPeers = 8;
/** Setting of every peer: of one file. */
export const versionsKept = 3;

export interface ModelPeer {
  readonly index: number;
  state: 'up' | 'down' | 'gone';
  /** 1 for those that are cut off from the others. */
  side: 0 | 1;
  /** Whether it lends nothing. */
  isFull: boolean;
}

export interface ModelFile {
  readonly number: number;
  readonly author: number;
  /** Its name; no other author has a file of this name. */
  readonly name: string;
  /** 1 for the first. */
  readonly version: number;
  readonly size: number;
  /**
   * `shared`: it was reported durable, so it is there. `maybe`: its author was interrupted, so it is there whole or
   * not listed. `fading`: newer versions take its place, which ends it now or later. `deleted`: for good.
   */
  state: 'shared' | 'maybe' | 'fading' | 'deleted';
  /** Peers that have heard of it, and of its deletion. */
  readonly knownTo: Set<number>;
  readonly endKnownTo: Set<number>;
}

/** How an operation ends; `unknown`: see above, or where the shards are decides, which only the disks tell. */
export type Expectation = 'done' | 'refused' | 'unknown';

/** The group as it must be. */
export class World {
  readonly peers: ModelPeer[] = [];
  readonly files: ModelFile[] = [];

  constructor(count: number) {
    for (let index = 0; index < count; index++) this.#addPeer(0);
  }

  peer(index: number): ModelPeer {
    const peer = this.peers[index];
    if (peer === undefined) throw new RangeError(`no peer ${index}`);
    return peer;
  }

  file(number: number): ModelFile {
    const file = this.files[number];
    if (file === undefined) throw new RangeError(`no file ${number}`);
    return file;
  }

  /** All that have not left for good. */
  present(): ModelPeer[] {
    return this.peers.filter(({ state }) => state !== 'gone');
  }

  up(): ModelPeer[] {
    return this.peers.filter(({ state }) => state === 'up');
  }

  /** Who runs and is not cut off from this one, itself left out. */
  reachable(from: number): ModelPeer[] {
    const { side } = this.peer(from);
    return this.up().filter((other) => other.index !== from && other.side === side);
  }

  get isCut(): boolean {
    return this.present().some(({ side }) => side === 1);
  }

  /** Whether nothing is wrong with any peer or line. What is damaged on disks is another matter. */
  get isWhole(): boolean {
    return this.present().every(
      ({ state, side, isFull }) => state === 'up' && side === 0 && !isFull,
    );
  }

  /** What this peer lists for certain. */
  listedAt(index: number): ModelFile[] {
    return this.files.filter(({ state, knownTo }) => state === 'shared' && knownTo.has(index));
  }

  /** What it must not list. */
  endedAt(index: number): ModelFile[] {
    return this.files.filter(({ endKnownTo }) => endKnownTo.has(index));
  }

  expects(operation: Operation): Expectation {
    switch (operation.kind) {
      case 'share': {
        if (operation.interrupt !== undefined) return 'unknown';
        const others = this.reachable(operation.peer);
        // One that is full is passed over for another, at last for the author itself, but never for that one alone.
        return others.some(({ isFull }) => !isFull) ? 'done' : 'refused';
      }
      case 'get':
      case 'read':
      case 'verify':
        return this.file(operation.file).endKnownTo.has(operation.peer) ? 'refused' : 'unknown';
      case 'delete':
        return 'done';
      default:
        return 'unknown';
    }
  }

  /** Takes an operation as done; afterwards everybody has met whom it can reach. */
  apply(operation: Operation): void {
    this.#change(operation);
    this.#meet();
  }

  #change(operation: Operation): void {
    switch (operation.kind) {
      case 'share':
        this.#share(operation);
        break;
      case 'delete': {
        const file = this.file(operation.file);
        file.state = 'deleted';
        file.endKnownTo.add(operation.peer);
        break;
      }
      case 'get':
        this.#interrupt(operation);
        break;
      case 'kill':
      case 'stop':
        this.peer(operation.peer).state = 'down';
        break;
      case 'start':
        this.peer(operation.peer).state = 'up';
        break;
      case 'cut':
        this.#cut(operation.peers);
        break;
      case 'heal':
        this.#cut([]);
        break;
      case 'fill':
      case 'empty':
        this.peer(operation.peer).isFull = operation.kind === 'fill';
        break;
      case 'join':
        // Its inviter is the founder: what that one does not reach, it does not either.
        this.#addPeer(this.peer(0).side);
        break;
      case 'lose':
        this.peer(operation.peer).state = 'gone';
        break;
      case 'check':
        this.#cut([]);
        for (const peer of this.present()) Object.assign(peer, { state: 'up', isFull: false });
        break;
      default: // these leave everything as it was
    }
  }

  #share(operation: Extract<Operation, { kind: 'share' }>): void {
    const { peer, file: number, name, size, interrupt } = operation;
    if (number !== this.files.length) throw new RangeError(`file ${number} is out of its turn`);
    const older = this.files.filter((file) => file.name === name);
    const version = older.length + 1;
    const done = this.expects(operation) === 'done';
    this.files.push({
      ...{ number, author: peer, name, version, size },
      state: done ? 'shared' : 'maybe',
      knownTo: new Set(done ? [peer] : []),
      endKnownTo: new Set(),
    });
    for (const file of older) {
      if (file.state === 'shared' && file.version <= version - versionsKept) file.state = 'fading';
    }
    if (interrupt !== undefined) this.#interrupt(operation);
  }

  #interrupt({ peer, interrupt }: Extract<Operation, { kind: 'share' | 'get' }>): void {
    if (interrupt?.how === 'kill') this.peer(interrupt.who).state = 'down';
    else if (interrupt?.how === 'cut') this.#cut([peer]);
  }

  #cut(peers: readonly number[]): void {
    for (const peer of this.present()) peer.side = peers.includes(peer.index) ? 1 : 0;
  }

  #addPeer(side: 0 | 1): void {
    this.peers.push({ index: this.peers.length, state: 'up', side, isFull: false });
  }

  /** Everybody knows what anybody on the same side knows. */
  #meet(): void {
    for (const side of [0, 1]) {
      const there = this.up().filter((peer) => peer.side === side);
      for (const { knownTo, endKnownTo } of this.files) {
        for (const known of [knownTo, endKnownTo]) {
          if (!there.some(({ index }) => known.has(index))) continue;
          for (const { index } of there) known.add(index);
        }
      }
    }
  }
}
