import { checkEverything, untilListed } from './checks.js';
import { Cast } from './cast.js';
import { Disks } from './disks.js';
import { Ledger } from './ledger.js';
import { World } from './model.js';
import { operationText, type Operation } from './operations.js';
import { isMove, perform } from './perform.js';
import { Schedule, type ScheduleOptions } from './schedule.js';
import type { Stage } from './stage.js';
import { Tally } from './tally.js';
import { describe } from './violation.js';

export interface SoakOptions extends ScheduleOptions {
  readonly seed: number;
  /** A check at the end comes in addition, unless the last one is a check. */
  readonly operations: number;
  /** Whether to end early, with a check. */
  readonly isLate?: () => boolean;
  readonly onOperation?: (line: string) => void;
}

export interface SoakResult {
  readonly tally: Tally;
  /** What was wrong, and what led there; empty when all held. */
  readonly problem: string;
}

/** Operations that are told of a run that failed. */
const tail = 25;
const fewestAtFirst = 5;

/** Members at the start: 5 to 7. */
export function peersAtFirst(seed: number): number {
  return fewestAtFirst + (seed % 3);
}

/** Runs the operations of one seed over real peers, and looks after each whether what must be true is. */
export async function runSoak(options: SoakOptions): Promise<SoakResult> {
  const { seed, operations, isLate = () => false, onOperation = () => undefined } = options;
  const world = new World(peersAtFirst(seed));
  const tally = new Tally();
  const done: string[] = [];
  let cast: Cast | undefined;
  try {
    cast = await Cast.open(world);
    const stage: Stage = {
      ...{ seed, world, cast, tally },
      ...{ disks: new Disks(cast), ledger: new Ledger() },
    };
    const schedule = new Schedule(seed, options);
    const check: Operation = { kind: 'check' };
    let last: Operation = check;
    for (let count = 1; count <= operations && !isLate(); count++) {
      last = schedule.next(world);
      done.push(`${count} ${operationText(last)}`);
      onOperation(done.at(-1) ?? '');
      await step(stage, last, count);
    }
    done.push('the end');
    if (last.kind !== 'check') await step(stage, check, operations);
    return { tally, problem: '' };
  } catch (error) {
    tally.violation();
    const logs = cast?.group.peers.map(({ name, log }) => `${name}: ${log.slice(-4000)}`) ?? [];
    const problem = [describe(error), ...done.slice(-tail), ...logs].join('\n');
    return { tally, problem };
  } finally {
    await cast?.close();
  }
}

async function step(stage: Stage, operation: Operation, count: number): Promise<void> {
  const { world, cast, tally } = stage;
  tally.operation(operation.kind);
  await perform(stage, operation);
  world.apply(operation);
  cast.checkProcesses(world);
  if (isMove(operation)) await cast.meet(world);
  if (isMove(operation) || ['share', 'delete'].includes(operation.kind)) await untilListed(stage);
  if (operation.kind === 'check') await checkEverything(stage, count);
  cast.checkProcesses(world);
}
