import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

const endDeadlineMs = 10_000;
const keptLines = 40;

/** A program under measurement. */
export class Program {
  readonly exited: Promise<number | null>;
  readonly #lines: string[] = [];
  readonly #waiting = new Set<(line: string) => void>();

  constructor(
    readonly role: string,
    readonly child: ChildProcess,
  ) {
    this.exited = new Promise((resolve) => {
      child.once('close', resolve);
      child.once('error', () => {
        resolve(null);
      });
    });
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        this.#lines.push(line);
        if (this.#lines.length > keptLines) this.#lines.shift();
        for (const take of this.#waiting) take(line);
      });
    }
  }

  /** Last lines that it printed, for error messages. */
  get output(): string {
    return this.#lines.join('\n');
  }

  /** Waits for exit code 0. @throws Error with the last lines of the output */
  async succeeds(): Promise<void> {
    const code = await this.exited;
    if (code !== 0) throw new Error(`${this.role} ended with ${String(code)}\n${this.output}`);
  }

  /** The first line, printed from now on or before, that `pattern` matches. @throws when it ends without */
  async prints(pattern: RegExp): Promise<RegExpExecArray> {
    for (const line of this.#lines) {
      const found = pattern.exec(line);
      if (found) return found;
    }
    return new Promise((resolve, reject) => {
      const take = (line: string): void => {
        const found = pattern.exec(line);
        if (!found) return;
        this.#waiting.delete(take);
        resolve(found);
      };
      this.#waiting.add(take);
      void this.exited.then((code) => {
        reject(new Error(`${this.role} ended with ${String(code)}\n${this.output}`));
      });
    });
  }
}

/** Processes of one sample. Each leads a process group of its own, so that its children end with it. */
export class Processes {
  readonly roles = new Map<number, string>();
  readonly #running = new Map<number, Program>();
  readonly #endings: (() => Promise<void>)[] = [];
  readonly #onExit = (): void => {
    for (const pid of this.#running.keys()) kill(pid, 'SIGKILL');
  };

  constructor(private readonly signal: AbortSignal) {
    process.on('exit', this.#onExit);
  }

  start(
    role: string,
    command: string,
    args: readonly string[],
    options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {},
  ): Program {
    this.signal.throwIfAborted();
    const child = spawn(command, args, {
      ...options,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const program = new Program(role, child);
    const { pid } = child;
    if (pid === undefined) return program;
    this.roles.set(pid, role);
    this.#running.set(pid, program);
    void program.exited.then(() => this.#running.delete(pid));
    return program;
  }

  /** Has something else ended with these. */
  onEnd(end: () => Promise<void>): void {
    this.#endings.push(end);
  }

  /** Ends all: asked first, so that they write what they know, then killed. */
  async end(): Promise<void> {
    const programs = [...this.#running];
    for (const [pid] of programs) kill(pid, 'SIGTERM');
    const timer = setTimeout(() => {
      for (const [pid] of programs) kill(pid, 'SIGKILL');
    }, endDeadlineMs);
    await Promise.all(programs.map(([, program]) => program.exited));
    clearTimeout(timer);
    for (const end of this.#endings.splice(0)) await end();
    process.off('exit', this.#onExit);
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It is gone already.
  }
}
