/** Ticks a second of the times in `/proc/PID/stat`: fixed for user space on Linux. */
const ticksPerSecond = 100;

export interface ProcStat {
  readonly pid: number;
  readonly parent: number;
  /** Time of all threads, those that exited included. */
  readonly ownSeconds: number;
  /** Time of children that ended and were waited for, with theirs. */
  readonly childSeconds: number;
}

/** Reads one line of `/proc/PID/stat`; null when it is not one. */
export function parseStat(text: string): ProcStat | null {
  // The name stands in brackets and may hold blanks and brackets itself.
  const end = text.lastIndexOf(')');
  const fields = text.slice(end + 2).split(' ');
  const pid = Number.parseInt(text, 10);
  const [parent, utime, stime, cutime, cstime] = [1, 11, 12, 13, 14].map((at) =>
    Number(fields[at]),
  );
  if (end < 0 || Number.isNaN(pid) || cstime === undefined) return null;
  return {
    pid,
    parent: parent ?? 0,
    ownSeconds: ((utime ?? 0) + (stime ?? 0)) / ticksPerSecond,
    childSeconds: ((cutime ?? 0) + cstime) / ticksPerSecond,
  };
}

/** Processes below `root`, without itself. */
export function descendants(all: readonly ProcStat[], root: number): ProcStat[] {
  const children = new Map<number, ProcStat[]>();
  for (const stat of all) {
    const siblings = children.get(stat.parent);
    if (siblings) siblings.push(stat);
    else children.set(stat.parent, [stat]);
  }
  const found: ProcStat[] = [];
  const open = [root];
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    for (const child of children.get(pid) ?? []) {
      found.push(child);
      open.push(child.pid);
    }
  }
  return found;
}

/** Time that all below `root` have used so far, those included that ended and were waited for. */
export function treeSeconds(all: readonly ProcStat[], root: number): number {
  const own = all.find(({ pid }) => pid === root)?.childSeconds ?? 0;
  return descendants(all, root).reduce(
    (sum, { ownSeconds, childSeconds }) => sum + ownSeconds + childSeconds,
    own,
  );
}

/** Peak of resident memory in `/proc/PID/status`, MiB; null when it is not told. */
export function parsePeak(text: string): number | null {
  const found = /^VmHWM:\s+(\d+) kB$/m.exec(text);
  return found ? Number(found[1]) / 1024 : null;
}

/** Bytes sent over the loopback interface in `/proc/net/dev`: each packet once. */
export function parseLoopback(text: string): number {
  const line = /^\s*lo:(.*)$/m.exec(text)?.[1] ?? '';
  return Number(line.trim().split(/\s+/)[8] ?? NaN);
}
