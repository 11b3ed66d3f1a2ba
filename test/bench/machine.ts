import { execFile } from 'node:child_process';
import { cpus, release, totalmem, type } from 'node:os';
import { promisify } from 'node:util';

/** What the figures depend on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  /** First line of what each tool says of its version; of those that are installed. */
  readonly tools: Readonly<Record<string, string>>;
}

const versionArguments: Readonly<Record<string, string>> = {
  aria2c: '--version',
  'transmission-daemon': '--version',
  syncthing: '--version',
  rsync: '--version',
  curl: '--version',
};

export async function describeMachine(): Promise<Machine> {
  const tools: Record<string, string> = {};
  for (const [program, argument] of Object.entries(versionArguments)) {
    const version = await firstLine(program, argument);
    if (version !== '') tools[program] = version;
  }
  return {
    cpu: cpus()[0]?.model.trim() ?? '',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    tools,
  };
}

/** For one line below a chart. */
export function machineText(machine: Machine): string {
  const { cpu, cores, memoryGiB, system, node } = machine;
  return `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${system}, Node ${node}`;
}

async function firstLine(program: string, argument: string): Promise<string> {
  try {
    const { stdout, stderr } = await promisify(execFile)(program, [argument]);
    return `${stdout}${stderr}`.trim().split('\n')[0] ?? '';
  } catch {
    return ''; // it is not installed
  }
}
