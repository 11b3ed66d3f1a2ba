import path from 'node:path';
import type { Bench, SourceFile } from '../bench.js';
import { measure } from '../measure/meter.js';
import type { Processes, Program } from '../measure/processes.js';
import type { Sample } from '../row.js';
import { checkFile } from './checkFile.js';

const program = path.join(import.meta.dirname, 'streamEnd.ts');

/** A file through one plain stream of Node between two processes that are connected already. */
export function stream(kind: 'tcp' | 'tls', bench: Bench, file: SourceFile): Promise<Sample> {
  return bench.sample(async (folder, processes) => {
    const receiver = startEnd(processes, 'receiver', [kind, 'receive', folder]);
    const [, port = ''] = await receiver.prints(/^listening (\d+)$/);
    const sender = startEnd(processes, 'sender', [kind, 'send', port, file.path]);
    await sender.prints(/^ready$/);
    return measure(processes.roles, async () => {
      sender.child.kill('SIGUSR2');
      const [, bytes] = await receiver.prints(/^received (\d+)$/);
      if (Number(bytes) !== file.bytes) throw new Error(`${String(bytes)} bytes came`);
    });
  });
}

/** One plain download: curl over TLS from a server of Node. */
export function curlGet(bench: Bench, file: SourceFile): Promise<Sample> {
  return bench.sample(async (folder, processes) => {
    const server = startEnd(processes, 'server', ['https', 'serve', folder, file.path]);
    const [, port = ''] = await server.prints(/^listening (\d+)$/);
    const target = path.join(folder, 'fetched');
    const sample = await measure(processes.roles, async () => {
      const args = ['--insecure', '--silent', '--show-error', '--fail', '--output', target];
      await processes.start('getter', 'curl', [...args, `https://127.0.0.1:${port}/`]).succeeds();
    });
    await checkFile(target, file);
    return sample;
  });
}

function startEnd(processes: Processes, role: string, args: readonly string[]): Program {
  return processes.start(role, process.execPath, ['--import', 'tsx', program, ...args]);
}
