import { readdirSync, readFileSync } from 'node:fs';
import type { TestPeer } from '../../support/peers.js';
import { pause } from './rawLink.js';

const collectMs = 20_000;

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

/** Has a peer with `collect.cjs` collect its garbage in all of its threads. @returns what is left in each, by its number, MiB */
export async function retainedBy(peer: TestPeer): Promise<ReadonlyMap<number, number>> {
  const told = (): readonly string[] => peer.log.match(/^retained .*$/gm) ?? [];
  const before = told().length;
  peer.signal('SIGUSR2');
  const until = performance.now() + collectMs;
  while (told().length === before && peer.running && performance.now() < until) await pause(20);
  const [, ...threads] = told().at(before)?.split(' ') ?? [];
  if (threads.length === 0) throw new Error('The peer does not say what memory it uses.');
  const figures = threads.map((text) => text.split(':').map(Number));
  return new Map(figures.map(([thread = 0, bytes = 0]) => [thread, bytes / 2 ** 20]));
}
