import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

export const repository = resolve(import.meta.dirname, '../..');
export const cliPath = resolve(repository, 'dist/cli.js');
const guardPath = resolve(import.meta.dirname, 'cryptoGuard.cjs');
/** Thousands of processes compile the same file. */
const compileCache = resolve(repository, '.cache/compile');

/** One line of `--json`. */
export interface CliEvent {
  readonly event: string;
  readonly [field: string]: unknown;
}

export interface CliResult {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Lines of stdout; empty without `--json`. */
  readonly events: readonly CliEvent[];
  /** Last line of stdout: the result or the error. */
  readonly last: CliEvent;
}

export interface CliOptions {
  readonly stdin?: string;
  readonly cwd?: string;
  /** Longest time, milliseconds: 60 s unless told. The process is killed then, and the call rejects. */
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Called for each line of `--json` as it comes. */
  readonly onEvent?: (event: CliEvent, process: ChildProcess) => void;
  /** Without the crypto guard: what is measured or shown to people runs as users run it. */
  readonly unguarded?: boolean;
  /** CommonJS modules that the process loads before its own code, absolute paths. */
  readonly preload?: readonly string[];
  /** Runs the process through this command: `['bash', '-c', 'ulimit -f 100; exec "$@"', '-']`. */
  readonly through?: readonly string[];
}

/** Environment of every process of a test: the crypto guard and what else is loaded, nothing of the caller's settings. */
export function testEnvironment(options: CliOptions): NodeJS.ProcessEnv {
  const modules = [...(options.unguarded === true ? [] : [guardPath]), ...(options.preload ?? [])];
  const load = modules.map((file) => `--require ${JSON.stringify(file)}`).join(' ');
  return {
    ...process.env,
    NODE_OPTIONS: load,
    CHUNK_PARTITIONER_NODE_OPTIONS: load,
    NO_COLOR: '1',
    // What is measured or shown to people runs as it does with them.
    ...(options.unguarded !== true && { NODE_COMPILE_CACHE: compileCache }),
    ...options.env,
  };
}

/** Starts `node dist/cli.js` with these arguments. */
export function spawnCli(args: readonly string[], options: CliOptions = {}): ChildProcess {
  const [command = process.execPath, ...rest] = [
    ...(options.through ?? []),
    process.execPath,
    cliPath,
    ...args,
  ];
  return spawn(command, rest, {
    cwd: options.cwd ?? repository,
    env: testEnvironment(options),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** Runs one verb to its end. */
export async function runCli(
  args: readonly string[],
  options: CliOptions = {},
): Promise<CliResult> {
  const child = spawnCli(args, options);
  const lines: string[] = [];
  let stderr = '';
  const deadline = { passed: false };
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  if (child.stdout) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      const event = parseEvent(line);
      if (event) options.onEvent?.(event, child);
    });
  }
  child.stdin?.on('error', () => undefined); // it may end without reading
  child.stdin?.end(options.stdin ?? '');
  const timer = setTimeout(() => {
    deadline.passed = true;
    child.kill('SIGKILL');
  }, options.timeoutMs ?? 60_000);
  try {
    const code = await new Promise<number | null>((done, fail) => {
      child.once('error', fail);
      child.once('close', done);
    });
    const events = lines.map(parseEvent).filter((event) => event !== undefined);
    if (deadline.passed)
      throw new Error(`no end of: ${args.join(' ')}\n${lines.join('\n')}\n${stderr}`);
    return {
      code,
      stdout: lines.map((line) => `${line}\n`).join(''),
      stderr,
      events,
      last: events.at(-1) ?? { event: 'nothing' },
    };
  } finally {
    clearTimeout(timer);
  }
}

/** What to say of a result that was not wanted: everything but the progress. */
export function summary(result: CliResult): string {
  const lines = result.stdout.split('\n').filter((line) => parseEvent(line)?.event !== 'progress');
  return `exit ${String(result.code)}\n${lines.join('\n').slice(0, 2000)}${result.stderr}`;
}

function parseEvent(line: string): CliEvent | undefined {
  try {
    return JSON.parse(line) as CliEvent;
  } catch {
    return undefined; // a line for people
  }
}

/** Progress of a transfer that has moved bytes: a good moment to break something. */
export function isUnderWay(event: CliEvent): boolean {
  return event.event === 'progress' && Number(event['bytesDone']) > 0;
}
