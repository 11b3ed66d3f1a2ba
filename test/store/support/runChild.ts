import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { bundle } from '../../support/bundle.js';

const answerSchema = z.object({
  shareId: z.string().optional(),
  root: z.string().optional(),
  error: z.string().optional(),
});

export interface RunningChild {
  readonly answer: z.infer<typeof answerSchema>;
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>;
}

export interface ChildOptions {
  readonly dataDir: string;
  readonly workerPath: string;
  readonly step: string;
  /** Largest file that the process may write, in KiB. */
  readonly fileLimit?: number;
}

/** Starts support/child.ts and waits until it has reached its step. */
export async function runChild(options: ChildOptions): Promise<RunningChild> {
  const { dataDir, workerPath, step, fileLimit } = options;
  const command = [process.execPath, bundle('test/store/support/child.ts')];
  command.push(dataDir, workerPath, step);
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  const limit = `ulimit -f ${String(fileLimit)} && exec "$@"`;
  const child: ChildProcess =
    fileLimit === undefined
      ? spawn(command[0] ?? '', command.slice(1), { stdio: [...stdio] })
      : spawn('bash', ['-c', limit, 'bash', ...command], { stdio: [...stdio] });
  const ended = once(child, 'exit');
  if (child.stdout === null) throw new Error('no output');
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([
    once(lines, 'line').then(([line]) => String(line)),
    ended.then(() => null),
  ]);
  if (first === null) throw new Error(`the child ended at ${step}`);
  return {
    answer: answerSchema.parse(JSON.parse(first)),
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
