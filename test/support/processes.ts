import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const deadlineMs = 20_000;
const everyMs = 20;

/** Whether a process runs. One that has ended, and that nobody has asked about, does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    if (process.platform !== 'linux') return true;
    return !readFileSync(`/proc/${String(pid)}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

/** Waits until a process has ended that is no child of this one: no event tells of that. */
export async function ended(pid: number): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (isRunning(pid)) {
    assert.ok(performance.now() < deadline, `process ${String(pid)} goes on`);
    await delay(everyMs);
  }
}
