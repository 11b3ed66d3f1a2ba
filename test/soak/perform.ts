import {
  cut,
  damage,
  empty,
  fill,
  freeze,
  heal,
  kill,
  lend,
  stall,
  start,
  stop,
} from './actions/faults.js';
import { join, leave, lose } from './actions/members.js';
import { crowd, get, read, share } from './actions/transfers.js';
import { remove, repair, verify } from './actions/upkeep.js';
import type { Operation, OperationKind } from './operations.js';
import type { Stage } from './stage.js';

type Action<K extends OperationKind> = (
  stage: Stage,
  operation: Extract<Operation, { kind: K }>,
) => Promise<void>;

/** What each operation does to the real peers, before the model hears of it. */
const actions: { readonly [K in OperationKind]: Action<K> } = {
  ...{ share, get, crowd, read, verify, repair, kill, stop, start, cut, heal, freeze, stall },
  ...{ damage, fill, empty, join, leave, lose },
  delete: remove,
  check: restoreAll,
};

/** Operations after which peers have others to meet, or to miss. */
const movesPeers: ReadonlySet<OperationKind> = new Set([
  ...(['kill', 'stop', 'start', 'cut', 'heal', 'freeze', 'stall', 'join', 'leave'] as const),
  ...(['lose', 'check'] as const),
]);

export async function perform(stage: Stage, operation: Operation): Promise<void> {
  const action = actions[operation.kind] as (stage: Stage, one: Operation) => Promise<void>;
  await action(stage, operation);
}

/** Whether the peers have to meet anew afterwards. */
export function isMove(operation: Operation): boolean {
  return movesPeers.has(operation.kind) || 'interrupt' in operation;
}

/** Heals, starts and empties whatever is not as it should be. */
async function restoreAll(stage: Stage): Promise<void> {
  const { world, cast } = stage;
  cast.switchboard.restore();
  const present = world.present();
  const down = present.filter(({ state }) => state === 'down');
  await Promise.all(down.map(({ index }) => cast.start(index)));
  const full = present.filter(({ isFull }) => isFull);
  await Promise.all(full.map(({ index }) => lend(stage, index, null)));
}
