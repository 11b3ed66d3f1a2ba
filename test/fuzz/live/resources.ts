import { readdirSync, readFileSync } from 'node:fs';

export interface Resources {
  /** Memory, MiB. */
  readonly resident: number;
  /** Open files and sockets. */
  readonly files: number;
}

/** What a running process has now; null where the system does not tell. */
export function resourcesOf(pid: number | undefined): Resources | null {
  if (pid === undefined || process.platform !== 'linux') return null;
  try {
    const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    if (found === null) return null;
    return { resident: Number(found[1]) / 1024, files: readdirSync(`/proc/${pid}/fd`).length };
  } catch {
    return null; // it has ended
  }
}
