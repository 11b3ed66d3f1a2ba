import { toHex } from '../../common/bytes.js';
import { Hearing } from './hearing.js';
import type { RecordPool } from './recordPool.js';
import { membershipLimits } from '../limits.js';

/**
 * What the records of a group come to: a function of their set, whatever the order in which they came.
 *
 * A removal counts at once against juniors. Against a senior it has to stand up: in the order in which their signers
 * are heard, each is imposed on a walk of its own, and goes on counting if it still counts there, together with those
 * before it. So of two that remove each other the senior stays, and no removal counts that undoes what it rests on.
 */
export function judge(pool: RecordPool): Hearing {
  let best = new Hearing(pool, []);
  const imposed: (typeof best.upward)[number][] = [];
  const tried = new Set<string>();
  const trials = new Map<string, number>();
  for (;;) {
    const next = best.upward.find(
      ({ id, body }) =>
        !tried.has(id) && (trials.get(toHex(body.signer)) ?? 0) < membershipLimits.trials,
    );
    if (next === undefined) return best;
    tried.add(next.id);
    const signer = toHex(next.body.signer);
    trials.set(signer, (trials.get(signer) ?? 0) + 1);
    const trial = new Hearing(pool, [...imposed, next]);
    if (![...imposed, next].every(({ id }) => trial.counting.has(id))) continue;
    imposed.push(next);
    best = trial;
  }
}
