import assert from 'node:assert/strict';
import type { CrashPoint } from './crashSwitch.js';
import type { Operation, Outcome } from './operation.js';
import type { World } from './world.js';

/** A name of crash points, and how often it came. */
export interface SeenPoint {
  readonly name: string;
  readonly times: number;
}

/** What came of one attempt; null when the operation was over before the point came. */
export type Attempt = Outcome | null;

/** Runs an operation without a crash. @returns its points, in the order in which they came first */
export async function pointsOf(world: World, operation: Operation): Promise<readonly SeenPoint[]> {
  const run = await operation.prepare(world);
  const crash = world.switchOf(run.victim);
  crash.watch();
  await world.quiet(run.victim);
  crash.watch();
  await run.start();
  await world.quiet(run.victim);
  const times = new Map<string, number>();
  for (const name of crash.disarm()) times.set(name, (times.get(name) ?? 0) + 1);
  await world.restore();
  assert.equal(await run.check([]), 'answered');
  assert.ok(times.size > 0, 'nothing was made durable');
  return [...times].map(([name, count]) => ({ name, times: count }));
}

/** Runs an operation with a crash, starts the peer again, and looks whether all is as it has to be. */
export async function crashAt(
  world: World,
  operation: Operation,
  point: CrashPoint,
): Promise<Attempt> {
  const run = await operation.prepare(world);
  const { victim } = run;
  const crash = world.switchOf(victim);
  const ended = victim.ended();
  crash.watch();
  // What it still does of what was prepared is none of the points.
  await world.quiet(victim);
  crash.arm(point);
  const started = run.start();
  const isQuiet = (): Promise<boolean> => world.quiet(victim).then(() => false);
  const isCrashed = await Promise.race([
    ended.then(() => true),
    // What fails may fail because the victim is dying: then it does not answer.
    started.then(isQuiet).catch(() => isQuiet().catch(() => true)),
  ]);
  crash.disarm();
  if (isCrashed) assert.equal(await ended, 'SIGKILL');
  else await started;
  const kept = isCrashed ? world.keptBy(victim) : [];
  await world.restore();
  await started.catch(() => undefined);
  const outcome = await run.check(kept);
  return isCrashed ? outcome : null;
}
