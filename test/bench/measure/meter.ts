import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Sample } from '../row.js';
import {
  descendants,
  parseLoopback,
  parsePeak,
  parseStat,
  treeSeconds,
  type ProcStat,
} from './procStat.js';

/** How often peaks are read, so that those of processes which end by themselves are known. */
const peakEveryMs = 500;

/** Roles of processes by their id; a process without one has its parent's. */
export type Roles = ReadonlyMap<number, string>;

/**
 * Measures `work`: time, CPU time of everything below this process, bytes over loopback, peak memory. What others
 * wrote before is on the disk when it starts, so that nobody pays for it twice.
 */
export async function measure(roles: Roles, work: () => Promise<void>): Promise<Required<Sample>> {
  await promisify(execFile)('sync');
  const peaks = new PeakReader(roles);
  const cpuBefore = treeSeconds(readAll(), process.pid);
  const wireBefore = loopbackBytes();
  const timer = setInterval(() => {
    peaks.read();
  }, peakEveryMs);
  const started = performance.now();
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  const seconds = (performance.now() - started) / 1000;
  const wireBytes = loopbackBytes() - wireBefore;
  const cpuSeconds = treeSeconds(readAll(), process.pid) - cpuBefore;
  peaks.read();
  return { seconds, cpuSeconds, wireBytes, peakRssMiB: Object.fromEntries(peaks.byRole) };
}

/** Bytes sent over the loopback interface of this network namespace. */
export function loopbackBytes(): number {
  return parseLoopback(readFileSync('/proc/net/dev', 'utf8'));
}

/** Highest peak of each role. */
class PeakReader {
  readonly byRole = new Map<string, number>();

  constructor(private readonly roles: Roles) {}

  read(): void {
    const all = readAll();
    const parents = new Map(all.map(({ pid, parent }) => [pid, parent]));
    for (const { pid } of descendants(all, process.pid)) {
      const role = this.#roleOf(pid, parents);
      const peak = role === undefined ? null : parsePeak(readOrNothing(`/proc/${pid}/status`));
      if (role === undefined || peak === null) continue;
      this.byRole.set(role, Math.max(peak, this.byRole.get(role) ?? 0));
    }
  }

  #roleOf(pid: number, parents: ReadonlyMap<number, number>): string | undefined {
    for (let at: number | undefined = pid; at !== undefined; at = parents.get(at)) {
      const role = this.roles.get(at);
      if (role !== undefined) return role;
    }
    return undefined;
  }
}

function readAll(): ProcStat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => parseStat(readOrNothing(`/proc/${pid}/stat`)))
    .filter((stat) => stat !== null);
}

/** A process may end between the listing and the reading. */
function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
