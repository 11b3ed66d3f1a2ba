import { link, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freePort, type Bench, type SourceFile } from '../bench.js';
import { measure } from '../measure/meter.js';
import type { Processes } from '../measure/processes.js';
import { NotAvailable, type Sample } from '../row.js';
import { checkFile } from './checkFile.js';
import { deadline, poll } from './deadline.js';
import { torrentOf } from './torrent.js';
import { Tracker } from './tracker.js';

/** A file from four seeds, by transmission-daemon. */
export async function transmissionGet(bench: Bench, file: SourceFile): Promise<Sample> {
  const { addresses } = bench.options;
  const [own] = addresses;
  if (own === undefined) {
    throw new NotAvailable(
      'Transmission talks to no peer at 127.*, and no namespace could be made',
    );
  }
  const tracker = await Tracker.start(own);
  try {
    const metainfo = (await torrentOf(file, tracker.url)).toString('base64');
    return await bench.sample(async (folder, processes) => {
      // It takes one connection from an address: each has its own.
      for (const address of addresses.slice(1)) {
        const seed = await Daemon.start(processes, 'seed', path.join(folder, address), {
          address,
          signal: deadline(bench.signal, 60),
        });
        await link(file.path, path.join(seed.downloads, path.basename(file.path)));
        await seed.add(metainfo);
      }
      await tracker.seeds(4, deadline(bench.signal, 120));
      const getter = await Daemon.start(processes, 'getter', path.join(folder, 'getter'), {
        address: own,
        signal: deadline(bench.signal, 60),
      });
      const limit = deadline(bench.signal, 600);
      const sample = await measure(processes.roles, async () => {
        await getter.add(metainfo);
        await poll(async () => ((await getter.isDone()) ? true : undefined), limit);
      });
      await checkFile(path.join(getter.downloads, path.basename(file.path)), file);
      return sample;
    });
  } finally {
    tracker.dispose();
  }
}

/** No discovery but the tracker's, no limits, no mapping of ports. */
function settings(address: string, peerPort: number, rpcPort: number, downloads: string): object {
  return {
    'bind-address-ipv4': address,
    'bind-address-ipv6': '::1',
    'cache-size-mb': 64,
    'dht-enabled': false,
    'download-dir': downloads,
    'download-queue-enabled': false,
    encryption: 0,
    'lpd-enabled': false,
    'peer-limit-global': 1000,
    'peer-limit-per-torrent': 1000,
    'peer-port': peerPort,
    'pex-enabled': false,
    'port-forwarding-enabled': false,
    preallocation: 0,
    'ratio-limit-enabled': false,
    'rename-partial-files': false,
    'rpc-authentication-required': false,
    'rpc-bind-address': '127.0.0.1',
    'rpc-port': rpcPort,
    'rpc-whitelist-enabled': false,
    'seed-queue-enabled': false,
    'speed-limit-down-enabled': false,
    'speed-limit-up-enabled': false,
    'start-added-torrents': true,
    'upload-slots-per-torrent': 100,
    'utp-enabled': false,
    'watch-dir-enabled': false,
  };
}

class Daemon {
  #session = '';

  private constructor(
    readonly downloads: string,
    private readonly rpcPort: number,
  ) {}

  static async start(
    processes: Processes,
    role: string,
    home: string,
    { address, signal }: { readonly address: string; readonly signal: AbortSignal },
  ): Promise<Daemon> {
    const downloads = path.join(home, 'files');
    await mkdir(downloads, { recursive: true });
    const rpcPort = await freePort();
    const config = settings(address, await freePort(), rpcPort, downloads);
    await writeFile(path.join(home, 'settings.json'), JSON.stringify(config));
    processes.start(role, 'transmission-daemon', ['--foreground', '--config-dir', home]);
    const daemon = new Daemon(downloads, rpcPort);
    await poll(
      () =>
        daemon.#call('session-get', {}).then(
          () => true,
          () => undefined,
        ),
      signal,
    );
    return daemon;
  }

  async add(metainfo: string): Promise<void> {
    await this.#call('torrent-add', { metainfo });
  }

  async isDone(): Promise<boolean> {
    const answer = (await this.#call('torrent-get', { fields: ['leftUntilDone', 'status'] })) as {
      torrents: readonly { readonly leftUntilDone: number; readonly status: number }[];
    };
    const [torrent] = answer.torrents;
    return torrent?.leftUntilDone === 0 && torrent.status === seeding;
  }

  async #call(method: string, args: object): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${this.rpcPort}/transmission/rpc`, {
      method: 'POST',
      headers: { 'X-Transmission-Session-Id': this.#session },
      body: JSON.stringify({ method, arguments: args }),
    });
    const session = response.headers.get('X-Transmission-Session-Id');
    if (response.status === 409 && session !== null) {
      await response.body?.cancel();
      this.#session = session;
      return this.#call(method, args);
    }
    const { result, arguments: answer } = (await response.json()) as {
      result: string;
      arguments: unknown;
    };
    if (result !== 'success') throw new Error(`transmission: ${method}: ${result}`);
    return answer;
  }
}

const seeding = 6;
