import { randomUUID } from 'node:crypto';
import type { Operation } from '../operations.js';
import { transferMs, type Stage } from '../stage.js';
import { describe, outcomeOf, Violation } from '../violation.js';

type Of<K extends Operation['kind']> = Extract<Operation, { kind: K }>;

export async function remove(stage: Stage, { peer, file }: Of<'delete'>): Promise<void> {
  const { cast, ledger } = stage;
  const { shareId } = ledger.get(file);
  const request = (await cast.client(peer)).request('delete', { share: shareId });
  const outcome = await outcomeOf(`deletion of file ${file}`, transferMs, request);
  if ('error' in outcome) throw new Violation(`not deleted: ${describe(outcome.error)}`);
  if (outcome.value.deleted.join() !== shareId) throw new Violation('something else was deleted');
}

/** Whoever gives its word for a shard has it: what is reported whole must be whole on the disk. */
export async function verify(stage: Stage, operation: Of<'verify'>): Promise<void> {
  const { world, cast, disks, ledger, tally } = stage;
  const { peer, file } = operation;
  const { shareId } = ledger.get(file);
  const request = (await cast.client(peer)).request('verify', {
    ...{ transferId: randomUUID(), share: shareId },
  });
  const outcome = await outcomeOf(`verification of file ${file}`, transferMs, request);
  if ('error' in outcome) throw new Violation(`not verified: ${describe(outcome.error)}`);
  const present = world.present().map(({ index }) => index);
  const found = await disks.find(shareId, present);
  for (const { nodeId, shard, status } of outcome.value.shards) {
    const holder = cast.indexOf(nodeId);
    // One that is not there any more may have been dropped meanwhile.
    const there = found.find((one) => one.peer === holder && one.shard === shard);
    if (status === 'ok' && there?.isSound === false) {
      throw new Violation(`shard ${shard} of file ${file} at peer ${holder} is said to be whole`);
    }
    tally.check('a shard as reported');
  }
}

export async function repair(stage: Stage, { peer, file }: Of<'repair'>): Promise<void> {
  const { cast, ledger, tally } = stage;
  const share = file === null ? undefined : ledger.get(file).shareId;
  const request = (await cast.client(peer)).request('repair', {
    ...{ transferId: randomUUID(), now: true },
    ...(share !== undefined && { share }),
  });
  const outcome = await outcomeOf('repair', 2 * transferMs, request);
  if ('error' in outcome) throw new Violation(`not repaired: ${describe(outcome.error)}`);
  tally.check('repair answered');
}
