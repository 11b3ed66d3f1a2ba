import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

const program = path.join(import.meta.dirname, 'tlsEnd.ts');
const deadlineMs = 300_000;

/** Sends a file through a plain `node:tls` stream between two processes on loopback: seconds taken. */
export async function tlsStreamSeconds(
  file: string,
  size: number,
  folder: string,
): Promise<number> {
  const receiver = start('receive', path.join(folder, 'tls-identity'));
  const lines = createInterface({ input: receiver.stdout ?? process.stdin });
  const answers = lines[Symbol.asyncIterator]();
  const children = [receiver];
  const timer = setTimeout(() => {
    for (const child of children) child.kill('SIGKILL');
  }, deadlineMs);
  try {
    const { port } = await answer<{ port: number }>(answers);
    const sender = start('send', folder, String(port), file);
    children.push(sender);
    const { bytes, seconds } = await answer<{ bytes: number; seconds: number }>(answers);
    if (bytes !== size) throw new Error(`the TLS stream brought ${bytes} of ${size} bytes`);
    return seconds;
  } finally {
    clearTimeout(timer);
    await Promise.all(children.map(end));
  }
}

function start(...args: readonly string[]): ChildProcess {
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  return spawn(process.execPath, ['--import', 'tsx', program, ...args], { stdio: [...stdio] });
}

async function answer<T>(lines: AsyncIterator<string>): Promise<T> {
  const next = await lines.next();
  if (next.done === true) throw new Error('an end of the TLS stream went away');
  return JSON.parse(next.value) as T;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
