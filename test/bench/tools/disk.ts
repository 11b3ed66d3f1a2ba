import path from 'node:path';
import type { Bench, SourceFile } from '../bench.js';
import { measure } from '../measure/meter.js';
import type { Processes } from '../measure/processes.js';
import type { Sample } from '../row.js';

/** The bytes of a file into another, and onto the disk. */
export function diskWrite(bench: Bench, file: SourceFile): Promise<Sample> {
  return bench.sample((folder, processes) =>
    measure(processes.roles, () =>
      dd(processes, `if=${file.path}`, `of=${path.join(folder, 'copy')}`, 'conv=fsync'),
    ),
  );
}

/** A file that is not in memory, read once from front to back. */
export function diskRead(bench: Bench, file: SourceFile): Promise<Sample> {
  return bench.sample(async (folder, processes) => {
    const copy = path.join(folder, 'copy');
    await dd(processes, `if=${file.path}`, `of=${copy}`, 'conv=fsync');
    // With a count of nothing this tells the system to forget what it has of the file.
    await dd(processes, `of=${copy}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0');
    return measure(processes.roles, () => dd(processes, `if=${copy}`, 'of=/dev/null'));
  });
}

async function dd(processes: Processes, ...args: readonly string[]): Promise<void> {
  await processes.start('dd', 'dd', ['bs=1M', 'status=none', ...args]).succeeds();
}
