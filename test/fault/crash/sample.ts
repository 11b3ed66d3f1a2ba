import { Random } from '../../fuzz/engine/random.js';
import type { SeenPoint } from './attempt.js';
import type { CrashPoint } from './crashSwitch.js';

const sides = ['before', 'after'] as const;

/** All that is worth trying: of a name that comes often, the first, one in the middle, and the last. */
export function crashPoints(seen: readonly SeenPoint[]): readonly CrashPoint[] {
  return seen.flatMap(({ name, times }) =>
    [...new Set([1, Math.ceil(times / 2), times])].flatMap((nth) =>
      sides.map((when) => ({ name, nth, when })),
    ),
  );
}

/** Some of them in a random order that a seed repeats: each name as likely as any other, however often it comes. */
export function* sampled(seen: readonly SeenPoint[], seed: number): Generator<CrashPoint> {
  const random = new Random(seed);
  const left = [...crashPoints(seen)];
  while (left.length > 0) {
    const name = random.pick([...new Set(left.map((point) => point.name))]);
    const point = random.pick(left.filter((one) => one.name === name));
    left.splice(left.indexOf(point), 1);
    yield point;
  }
}

export function pointText({ name, nth, when }: CrashPoint): string {
  return `${when} ${name} (${String(nth)})`;
}
