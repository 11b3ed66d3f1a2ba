import { getHeapStatistics } from 'node:v8';
import type { FuzzTarget } from '../target.js';

export interface Bounds {
  /** Longest time for one input, milliseconds. */
  readonly ms: number;
  /** Most memory for one input, bytes: so much, and so many times the input. */
  readonly bytes: number;
  readonly timesInput: number;
}

/** Calls on a busy machine are interrupted: only what is slow several times is slow. */
const attempts = 4;

/** Gives an input to a target. @throws whatever the target throws, and Error beyond a bound. */
export async function runInput(
  target: FuzzTarget,
  input: Uint8Array,
  { ms, bytes, timesInput }: Bounds,
): Promise<void> {
  const most = bytes + timesInput * input.byteLength;
  let slowest = Infinity;
  let largest = Infinity;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const before = memory();
    const started = performance.now();
    const running = target.run(input);
    if (running !== undefined) await running;
    slowest = Math.min(slowest, performance.now() - started);
    largest = Math.min(largest, memory() - before);
    if (slowest <= ms && largest <= most) return;
  }
  throw new Error(`takes ${slowest.toFixed(0)} ms and ${(largest / 1024).toFixed(0)} KiB`);
}

/** Of this thread; what is garbage counts until it is collected. */
function memory(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}
