import { randomUUID } from 'node:crypto';
import { cp, rm } from 'node:fs/promises';
import type { ShareInfo } from '../../../src/control/contract.js';
import { TestGroup, type TestPeer } from '../../support/peers.js';
import type { Bench } from '../bench.js';
import type { Processes } from '../measure/processes.js';

/**
 * A group of real peers: an author, holders, and a getter that is a member and holds nothing. Between samples
 * none of them runs.
 */
export class OurGroup {
  private constructor(
    readonly group: TestGroup,
    readonly author: TestPeer,
    readonly holders: readonly TestPeer[],
    readonly getter: TestPeer,
  ) {}

  /** Nothing is shared in it yet; each sample sets it back, see {@link restore}. */
  static prepared(bench: Bench, holders: number): Promise<OurGroup> {
    return bench.fixture(`our group of ${holders}`, () => OurGroup.make(holders, undefined));
  }

  /** The same, and the author has shared a file or folder. */
  static withShare(bench: Bench, path: string): Promise<OurGroup & { readonly share: ShareInfo }> {
    return bench.fixture(`our share of ${path}`, async () => {
      let share: ShareInfo | undefined;
      const made = await OurGroup.make(4, async (group) => {
        share = await group.shareFile(path);
      });
      if (share === undefined) throw new Error('nothing was shared');
      return Object.assign(made, { share });
    });
  }

  private static async make(
    holders: number,
    before: ((group: OurGroup) => Promise<void>) | undefined,
  ): Promise<OurGroup> {
    const group = await TestGroup.start(1 + holders, { unguarded: true });
    const getter = group.newcomer('getter');
    try {
      const others = group.peers.slice(1);
      const made = new OurGroup(group, group.get(0), others, getter);
      await before?.(made);
      const code = await group.invite();
      await getter.ok(['join', '-', '--name', getter.name], { stdin: `${code}\n` });
      await getter.serve();
      await getter.meets(group.peers);
      await Promise.all(made.#all().map((peer) => peer.stop()));
      if (before === undefined) {
        for (const { dataDir } of made.#all())
          await cp(dataDir, kept(dataDir), { recursive: true });
      }
      return made;
    } catch (error) {
      await getter.kill();
      await group.dispose();
      throw error;
    }
  }

  /** Starts these peers, waits until they have met, and has them end with `processes`. */
  async run(processes: Processes, peers: readonly TestPeer[]): Promise<void> {
    processes.onEnd(() => this.#kill());
    // One after the other: many at once on few cores would not answer in time.
    for (const peer of peers) await this.serve(processes, peer);
    for (const peer of peers) await peer.meets(peers);
  }

  async serve(processes: Processes, peer: TestPeer): Promise<void> {
    await peer.serve();
    if (peer.pid !== undefined) processes.roles.set(peer.pid, this.#roleOf(peer));
  }

  /** Shares from the author; durable on enough holders when it resolves. */
  async shareFile(path: string): Promise<ShareInfo> {
    const client = await this.author.client();
    return (await client.request('share', { transferId: randomUUID(), path })).share;
  }

  async get(share: string, path: string): Promise<void> {
    const client = await this.getter.client();
    await client.request('get', { transferId: randomUUID(), share, path });
  }

  /** Sets the data directories back to how they were prepared: no sample finds what another left. */
  async restore(): Promise<void> {
    for (const { dataDir } of this.#all()) {
      await rm(dataDir, { recursive: true, force: true });
      await cp(kept(dataDir), dataDir, { recursive: true });
    }
  }

  async dispose(): Promise<void> {
    await this.#kill();
    await this.group.dispose();
  }

  async #kill(): Promise<void> {
    await Promise.all(this.#all().map((peer) => peer.kill()));
  }

  #all(): TestPeer[] {
    return [...this.group.peers, this.getter];
  }

  #roleOf(peer: TestPeer): string {
    if (peer === this.author) return 'author';
    return peer === this.getter ? 'getter' : 'holder';
  }
}

function kept(dataDir: string): string {
  return `${dataDir}.kept`;
}
