import { link, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freePort, type Bench, type SourceFile } from '../bench.js';
import { measure } from '../measure/meter.js';
import type { Processes, Program } from '../measure/processes.js';
import type { Sample } from '../row.js';
import { checkFile } from './checkFile.js';
import { deadline } from './deadline.js';
import { torrentOf } from './torrent.js';
import { Tracker } from './tracker.js';

/** No discovery but the tracker's, no limits. */
const common = [
  '--no-conf=true',
  '--enable-dht=false',
  '--enable-dht6=false',
  '--bt-enable-lpd=false',
  '--enable-peer-exchange=false',
  '--disable-ipv6=true',
  '--bt-max-peers=0',
  '--disk-cache=64M',
  '--file-allocation=none',
  '--summary-interval=0',
  '--console-log-level=notice',
  '--allow-overwrite=true',
];

/** A file from four seeds, by aria2. */
export async function aria2Get(bench: Bench, file: SourceFile): Promise<Sample> {
  const tracker = await Tracker.start('127.0.0.1');
  try {
    return await bench.sample(async (folder, processes) => {
      const torrent = path.join(folder, 'file.torrent');
      await writeFile(torrent, await torrentOf(file, tracker.url));
      for (let index = 0; index < 4; index += 1) {
        const seed = path.join(folder, `seed${index}`);
        await mkdir(seed);
        await link(file.path, path.join(seed, path.basename(file.path)));
        // Without the check it takes the file for missing.
        await start(processes, 'seed', seed, torrent, ['--check-integrity=true', '--seed-ratio=0']);
      }
      await tracker.seeds(4, deadline(bench.signal, 120));
      const target = path.join(folder, 'getter');
      const sample = await measure(processes.roles, async () => {
        const getter = await start(processes, 'getter', target, torrent, ['--seed-time=0']);
        await getter.prints(/Download complete|\(OK\):download completed|\|OK/);
      });
      await checkFile(path.join(target, path.basename(file.path)), file);
      return sample;
    });
  } finally {
    tracker.dispose();
  }
}

async function start(
  processes: Processes,
  role: string,
  folder: string,
  torrent: string,
  more: readonly string[],
): Promise<Program> {
  const port = await freePort();
  return processes.start(role, 'aria2c', [
    ...common,
    `--listen-port=${port}`,
    `--dir=${folder}`,
    ...more,
    torrent,
  ]);
}
