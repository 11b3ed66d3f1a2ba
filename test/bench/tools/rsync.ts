import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freePort, type Bench, type SourceFile } from '../bench.js';
import { measure } from '../measure/meter.js';
import type { Processes } from '../measure/processes.js';
import type { Sample } from '../row.js';
import { checkFile } from './checkFile.js';
import { listening } from './listening.js';
import { startSshServer } from './sshServer.js';

/** Three full copies, at the same time, into three daemons; flushed to disk there, as ours are. */
export function rsyncThreeCopies(bench: Bench, file: SourceFile): Promise<Sample> {
  return bench.sample(async (folder, processes) => {
    const daemons: Daemon[] = [];
    for (const name of ['one', 'two', 'three']) {
      daemons.push(await startDaemon(processes, path.join(folder, name), bench.signal));
    }
    const copies = daemons.map(({ port, target }) => ({
      target,
      args: [`rsync://127.0.0.1:${port}/files/`],
    }));
    return copyAll(processes, file, copies);
  });
}

/** The same over SSH, as copies travel that nobody else is to read. */
export function sshThreeCopies(bench: Bench, file: SourceFile): Promise<Sample> {
  return bench.sample(async (folder, processes) => {
    const { host, shell } = await startSshServer(processes, folder, bench.signal);
    const copies = await Promise.all(
      ['one', 'two', 'three'].map(async (name) => {
        const target = path.join(folder, name);
        await mkdir(target);
        return { target, args: ['--rsh', shell, `${host}:${target}/`] };
      }),
    );
    return copyAll(processes, file, copies);
  });
}

interface Copy {
  /** Folder that it arrives in. */
  readonly target: string;
  /** What rsync is told to reach it. */
  readonly args: readonly string[];
}

async function copyAll(
  processes: Processes,
  file: SourceFile,
  copies: readonly Copy[],
): Promise<Sample> {
  const options = ['--whole-file', '--inplace', '--fsync', file.path];
  const sample = await measure(processes.roles, async () => {
    await Promise.all(
      copies.map(({ args }) =>
        processes.start('sender', 'rsync', [...options, ...args]).succeeds(),
      ),
    );
  });
  for (const { target } of copies) {
    await checkFile(path.join(target, path.basename(file.path)), file);
  }
  return sample;
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
  await listening(port, signal);
  return { port, target };
}

interface Daemon {
  readonly port: number;
  /** Folder that it writes into. */
  readonly target: string;
}
