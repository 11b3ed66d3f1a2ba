import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A process that waits: what was made for it alone, such as its network and its mounts, ends with it. */
export class Keeper {
  private constructor(
    private readonly process: ChildProcess,
    readonly pid: number,
  ) {}

  /** Runs lines of shell through a command, and keeps what they made. Undefined when any of it fails. */
  static async start(
    command: readonly string[],
    setUp: readonly string[],
  ): Promise<Keeper | undefined> {
    const [program = 'sh', ...args] = command;
    const script = [...setUp, 'echo up', 'exec cat'].join(' && ');
    const child = spawn(program, [...args, 'sh', '-c', script], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    if (!(await isUp(child)) || child.pid === undefined) return undefined;
    return new Keeper(child, child.pid);
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const gone = once(this.process, 'exit');
    this.process.stdin?.end();
    await gone;
  }
}

function isUp(child: ChildProcess): Promise<boolean> {
  return new Promise((resolve) => {
    child.once('error', () => {
      resolve(false);
    });
    child.once('close', () => {
      resolve(false);
    });
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).once('line', () => {
      resolve(true);
    });
  });
}
