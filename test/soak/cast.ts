import path from 'node:path';
import type { ControlClient, PeerInfo, UpkeepValues } from '../../src/control/contract.js';
import { TestGroup, type TestPeer } from '../support/peers.js';
import { waitFor } from '../support/waitFor.js';
import { versionsKept, type World } from './model.js';
import { Switchboard } from './switchboard.js';
import { Violation, within } from './violation.js';

/** Within seconds what takes days otherwise. */
const upkeep: UpkeepValues = {
  ...{ everyMs: 3000, patienceMs: 500, turnMs: 1000, graceMs: 3000, graceOthersMs: 3000 },
  scrubMs: 20_000,
};
/** How long peers that can reach each other may take to meet. */
const meetMs = 60_000;
/** Ending politely may take so long. */
const stopMs = 15_000;

const detour = path.join(import.meta.dirname, 'detour.cjs');

/** The real peers of a run, by the numbers of the model, and the lines between them. */
export class Cast {
  readonly switchboard = new Switchboard();
  readonly #nodeIds: string[] = [];

  private constructor(readonly group: TestGroup) {}

  /** Starts a group; all have met. */
  static async open(world: World): Promise<Cast> {
    const group = await TestGroup.start(1, optionsOf(0));
    const cast = new Cast(group);
    try {
      await cast.#settleIn(0);
      while (group.peers.length < world.peers.length) await cast.join();
      await cast.meet(world);
      return cast;
    } catch (error) {
      await cast.close();
      throw error;
    }
  }

  peer(index: number): TestPeer {
    return this.group.get(index);
  }

  client(index: number): Promise<ControlClient> {
    return this.peer(index).client();
  }

  nodeId(index: number): string {
    return this.#nodeIds[index] ?? '';
  }

  indexOf(nodeId: string): number {
    return this.#nodeIds.indexOf(nodeId);
  }

  /** One more, invited by the founder. */
  async join(): Promise<void> {
    const index = this.group.peers.length;
    const peer = this.group.newcomer(`peer${index}`, optionsOf(index));
    const { code } = await (await this.client(0)).request('invite', {});
    await peer.ok(['join', '-', '--name', peer.name], { stdin: `${code}\n` });
    this.group.peers.push(peer);
    for (const [other, { address, running }] of this.group.peers.slice(0, index).entries()) {
      if (running) await this.switchboard.join(index, other, portOf(address));
    }
    await peer.serve();
    await this.#settleIn(index);
  }

  async start(index: number): Promise<void> {
    await this.peer(index).serve();
  }

  /** @throws Violation when it does not end by itself */
  async stop(index: number): Promise<void> {
    await within(stopMs, `the end of ${this.peer(index).name}`, this.peer(index).stop());
  }

  /** Gone for good; what it had is gone with it. */
  async lose(index: number): Promise<void> {
    await this.peer(index).kill();
    this.switchboard.leave(index);
  }

  /** Cuts these peers off from all others. */
  cut(peers: readonly number[], kind: 'reset' | 'silent'): void {
    this.switchboard.cut((one, other) => peers.includes(one) !== peers.includes(other), kind);
  }

  /** Has everybody dial now, and waits until they are connected to whom they can reach, and to nobody else. */
  async meet(world: World): Promise<void> {
    await Promise.all(
      world.up().map(async ({ index }) => {
        const client = await this.client(index);
        const expected = world.reachable(index).map((other) => this.nodeId(other.index));
        const met = async (): Promise<boolean> => {
          const { peers } = await client.request('peers', null);
          return sameMembers(peers.filter(isOnline), expected);
        };
        if (await met()) return;
        await client.request('connect', null);
        const whom = world.reachable(index).map((other) => this.peer(other.index).name);
        await waitFor(client, met, `${this.peer(index).name} to meet just ${whom.join()}`, meetMs);
      }),
    );
  }

  /** @throws Violation when a process ended that nobody ended, or has logged an error */
  checkProcesses(world: World): void {
    for (const { index } of world.up()) {
      const { name, running, log } = this.peer(index);
      if (!running) throw new Violation(`${name} ended by itself:\n${log}`);
      this.checkLog(index);
    }
  }

  /** @throws Violation when the peer has logged an error since its start */
  checkLog(index: number): void {
    const { name, log } = this.peer(index);
    const bad = log.split('\n').find((line) => /^\S+ error |unhandled/i.test(line));
    if (bad !== undefined) throw new Violation(`${name} logged: ${bad}`);
  }

  async close(): Promise<void> {
    await this.group.dispose();
    this.switchboard.close();
  }

  async #settleIn(index: number): Promise<void> {
    const client = await this.client(index);
    const { self } = await client.request('configure', {
      ...{ upkeep, discovery: false, versions: versionsKept },
    });
    this.#nodeIds[index] = self?.nodeId ?? '';
    const port = portOf(this.peer(index).address);
    for (let other = 0; other < index; other++) {
      if (this.peer(other).running) await this.switchboard.join(other, index, port);
    }
  }
}

function optionsOf(index: number): { preload: readonly string[]; env: Record<string, string> } {
  const env = { SOAK_VIA: Switchboard.addressOf(index), CHUNK_PARTITIONER_LOG: 'info' };
  return { preload: [detour], env };
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1));
}

function isOnline({ state }: PeerInfo): boolean {
  return state === 'online';
}

function sameMembers(peers: readonly PeerInfo[], nodeIds: readonly string[]): boolean {
  return peers.length === nodeIds.length && peers.every(({ nodeId }) => nodeIds.includes(nodeId));
}
