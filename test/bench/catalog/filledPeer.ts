import type { ControlClient, ControlRequests } from '../../../src/control/contract.js';
import { cliPath, testEnvironment } from '../../support/cliProcess.js';
import { TestGroup, type TestPeer } from '../../support/peers.js';
import type { Bench } from '../bench.js';
import { measure } from '../measure/meter.js';
import type { Processes } from '../measure/processes.js';
import type { Sample } from '../row.js';
import { fillCatalog } from './fillCatalog.js';

const firstPage = 200;

/** What a long list costs: until the peer listens, its first page, all of it, and all of it in a terminal. */
export interface CatalogSamples {
  readonly start: Sample;
  readonly first: Sample;
  readonly list: Sample;
  readonly ls: Sample;
}

/** A group of which one data directory knows many shares. */
class FilledPeer {
  private constructor(
    private readonly group: TestGroup,
    readonly peer: TestPeer,
  ) {}

  static async make(count: number): Promise<FilledPeer> {
    const group = await TestGroup.start(1, { unguarded: true });
    try {
      const peer = group.get(0);
      await peer.stop();
      await fillCatalog(peer.dataDir, count);
      return new FilledPeer(group, peer);
    } catch (error) {
      await group.dispose();
      throw error;
    }
  }

  dispose(): Promise<void> {
    return this.group.dispose();
  }
}

/** Starts a peer whose catalog has `count` shares, and lists them. */
export async function ourCatalog(bench: Bench, count: number): Promise<CatalogSamples> {
  const { peer } = await bench.fixture(`catalog of ${count}`, () => FilledPeer.make(count));
  return bench.sample(async (_folder, processes) => {
    processes.onEnd(() => peer.stop());
    const start = await measure(processes.roles, async () => {
      await peer.serve();
      if (peer.pid !== undefined) processes.roles.set(peer.pid, 'peer');
    });
    const client = await peer.client();
    const first = await measure(processes.roles, async () => {
      await page(client, null, firstPage);
    });
    const list = await measure(processes.roles, async () => {
      const listed = await listAll(client);
      if (listed !== count) throw new Error(`${listed} of ${count} shares were listed`);
    });
    const ls = await measure(processes.roles, () => lsSucceeds(processes, peer));
    return { start, first, list, ls };
  });
}

async function listAll(client: ControlClient): Promise<number> {
  let count = 0;
  let cursor: string | null = null;
  do {
    const { shares, cursor: next }: Page = await page(client, cursor, 2000);
    count += shares.length;
    cursor = next;
  } while (cursor !== null);
  return count;
}

type Page = ControlRequests['list']['result'];

function page(client: ControlClient, cursor: string | null, limit: number): Promise<Page> {
  return client.request('list', { cursor, limit, versions: true });
}

/** As a user would; what it prints goes nowhere. */
async function lsSucceeds(processes: Processes, peer: TestPeer): Promise<void> {
  const args = [process.execPath, cliPath, 'ls', '--data-dir', peer.dataDir];
  const env = testEnvironment({ unguarded: true });
  await processes
    .start('ls', 'sh', ['-c', 'exec "$@" > /dev/null', '-', ...args], { env })
    .succeeds();
}
