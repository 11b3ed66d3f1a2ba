import { readFileSync } from 'node:fs';

/** What a running process has resident now, MiB; null where the system does not tell. */
export function residentMemory(pid: number | undefined): number | null {
  if (pid === undefined || process.platform !== 'linux') return null;
  try {
    const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return found ? Number(found[1]) / 1024 : null;
  } catch {
    return null; // it has ended
  }
}
