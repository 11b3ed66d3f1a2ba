import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { freePort, type Bench, type SourceFile } from '../bench.js';
import { measure } from '../measure/meter.js';
import type { Processes } from '../measure/processes.js';
import type { Sample } from '../row.js';
import { checkFile } from './checkFile.js';
import { deadline, poll } from './deadline.js';

/** Three full copies, at the same time, into three daemons; flushed to disk there, as ours are. */
export function rsyncThreeCopies(bench: Bench, file: SourceFile): Promise<Sample> {
  return bench.sample(async (folder, processes) => {
    const daemons: Daemon[] = [];
    for (const name of ['one', 'two', 'three']) {
      daemons.push(await startDaemon(processes, path.join(folder, name), bench.signal));
    }
    const sample = await measure(processes.roles, async () => {
      const copies = daemons.map(({ port }) =>
        processes
          .start('sender', 'rsync', [
            '--whole-file',
            '--inplace',
            '--fsync',
            file.path,
            `rsync://127.0.0.1:${port}/files/`,
          ])
          .succeeds(),
      );
      await Promise.all(copies);
    });
    for (const { target } of daemons) {
      await checkFile(path.join(target, path.basename(file.path)), file);
    }
    return sample;
  });
}

async function startDaemon(
  processes: Processes,
  home: string,
  signal: AbortSignal,
): Promise<Daemon> {
  const target = path.join(home, 'files');
  await mkdir(target, { recursive: true });
  const port = await freePort();
  const config = path.join(home, 'rsyncd.conf');
  await writeFile(
    config,
    [
      'use chroot = no',
      ...(process.getuid?.() === 0 ? ['uid = 0', 'gid = 0'] : []),
      'reverse lookup = no',
      `lock file = ${path.join(home, 'lock')}`,
      '[files]',
      `path = ${target}`,
      'read only = no',
      '',
    ].join('\n'),
  );
  const args = ['--daemon', '--no-detach', '--address=127.0.0.1', `--port=${port}`];
  processes.start('receiver', 'rsync', [...args, `--config=${config}`]);
  await poll(() => answers(port), deadline(signal, 30), 50);
  return { port, target };
}

/** True once something listens at the port. */
function answers(port: number): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(undefined);
    });
  });
}

interface Daemon {
  readonly port: number;
  /** Folder that it writes into. */
  readonly target: string;
}
