import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Bench } from '../bench.js';
import { measure } from '../measure/meter.js';
import { Processes } from '../measure/processes.js';
import type { Sample } from '../row.js';
import { deadline } from './deadline.js';
import { SyncthingDevice } from './syncthingDevice.js';

const startSeconds = 60;
const syncSeconds = 900;

/** What is synced: how it comes into a folder, and what to look at when it has arrived. */
export interface SyncSource {
  readonly key: string;
  readonly files: number;
  readonly bytes: number;
  /** Puts it into the folder of a device, by links where that is possible. */
  place(folder: string): Promise<void>;
  /** @throws when it did not arrive whole. */
  check(folder: string): Promise<void>;
}

/** Links a file or a folder: all copies of one disk are one in the page cache then, which helps the tool. */
export async function linkInto(source: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await promisify(execFile)('cp', ['-al', source, folder]);
}

/** Four devices that have all of it, and one that is to get it. */
class SyncedDevices {
  private constructor(
    readonly holders: readonly SyncthingDevice[],
    readonly getter: SyncthingDevice,
  ) {}

  static async prepare(bench: Bench, source: SyncSource): Promise<SyncedDevices> {
    const root = path.join(bench.options.root, `syncthing-${source.key}`);
    await mkdir(root);
    const names = ['one', 'two', 'three', 'four'];
    const holders: SyncthingDevice[] = [];
    for (const name of names) holders.push(await SyncthingDevice.create(name, root));
    const getter = await SyncthingDevice.create('getter', root);
    const processes = new Processes(bench.signal);
    try {
      for (const holder of holders) {
        await source.place(holder.folder);
        await holder.configure([...holders, getter], { paused: false });
        await holder.start(processes, 'holder', deadline(bench.signal, startSeconds));
      }
      const limit = deadline(bench.signal, syncSeconds);
      for (const holder of holders) await holder.connected(3, limit);
      for (const holder of holders) await holder.scan();
      for (const holder of holders) await holder.complete(source, limit);
    } finally {
      await processes.end();
    }
    return new SyncedDevices(holders, getter);
  }

  dispose(): void {
    // Its folders go with the root of the bench; its processes are gone already.
  }
}

/** To a fresh device from four that have it. */
export async function syncthingGet(bench: Bench, source: SyncSource): Promise<Sample> {
  const { holders, getter } = await bench.fixture(`syncthing ${source.key}`, () =>
    SyncedDevices.prepare(bench, source),
  );
  return bench.sample(async (_folder, processes) => {
    await getter.forget();
    await getter.configure([...holders, getter], { paused: true });
    const starting = deadline(bench.signal, startSeconds);
    for (const holder of holders) await holder.start(processes, 'holder', starting);
    await getter.start(processes, 'getter', starting);
    await getter.connected(holders.length, starting);
    const limit = deadline(bench.signal, syncSeconds);
    const sample = await measure(processes.roles, async () => {
      await getter.resume();
      await getter.complete(source, limit);
    });
    await source.check(getter.folder);
    await getter.forget();
    return sample;
  });
}

/** From one device to three others: any two of the four may vanish then. */
export async function syncthingShare(bench: Bench, source: SyncSource): Promise<Sample> {
  return bench.sample(async (folder, processes) => {
    const devices: SyncthingDevice[] = [];
    for (const name of ['author', 'one', 'two', 'three']) {
      devices.push(await SyncthingDevice.create(name, folder));
    }
    const starting = deadline(bench.signal, startSeconds);
    for (const device of devices) {
      await device.configure(devices, { paused: false });
      await device.start(processes, device.name === 'author' ? 'author' : 'holder', starting);
    }
    for (const device of devices) await device.connected(devices.length - 1, starting);
    const [author, ...receivers] = devices;
    if (!author) throw new Error('no device');
    await source.place(author.folder);
    const limit = deadline(bench.signal, syncSeconds);
    const sample = await measure(processes.roles, async () => {
      await author.scan();
      await Promise.all(receivers.map((receiver) => receiver.complete(source, limit)));
    });
    for (const receiver of receivers) await source.check(receiver.folder);
    return sample;
  });
}
