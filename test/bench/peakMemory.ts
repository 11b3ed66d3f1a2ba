import { readFileSync } from 'node:fs';

/** The most memory a running process has had resident, MiB; null where the system does not tell. */
export function peakMemory(pid: number | undefined): number | null {
  if (pid === undefined || process.platform !== 'linux') return null;
  const found = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return found ? Number(found[1]) / 1024 : null;
}
