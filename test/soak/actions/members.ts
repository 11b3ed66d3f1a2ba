import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { checkKept, makeWhole, wholeFiles } from '../checks.js';
import type { Operation } from '../operations.js';
import { patientMs, presentPeers, type Stage } from '../stage.js';
import { describe, outcomeOf, Violation } from '../violation.js';

type Of<K extends Operation['kind']> = Extract<Operation, { kind: K }>;

export async function join({ cast }: Stage): Promise<void> {
  await cast.join();
}

/** What a peer says is safe must be so: nothing that others lack is on its disk any more. */
export async function leave(stage: Stage, { peer }: Of<'leave'>): Promise<void> {
  const { cast, disks, tally } = stage;
  const client = await cast.client(peer);
  const request = client.request('leave', { transferId: randomUUID() });
  const outcome = await outcomeOf('leaving', patientMs, request);
  if ('error' in outcome) throw new Violation(`could not leave: ${describe(outcome.error)}`);
  if (outcome.value.safe) {
    for (const [file, { shareId }] of wholeFiles(stage)) {
      const left = await disks.find(shareId, [peer]);
      if (left.length > 0) throw new Violation(`left with a shard of file ${file}, and said safe`);
    }
    tally.check('left with nothing');
  } else tally.note('not safe to leave');
  await checkKept(stage);
  await cast.stop(peer);
  await cast.start(peer);
  await (await cast.client(peer)).request('rejoin', null);
  tally.fault('leave');
}

/** One machine less, with all that it held. Whatever was whole before can be made whole again. */
export async function lose(stage: Stage, { peer, how }: Of<'lose'>): Promise<void> {
  const { cast, disks, ledger, tally } = stage;
  await makeWhole(stage);
  cast.checkLog(peer);
  await cast.lose(peer);
  rmSync(cast.peer(peer).dataDir, { recursive: true, force: true });
  tally.fault(`gone for good: ${how}`);
  const founder = await cast.client(0);
  const request = founder.request(how, { nodeId: cast.nodeId(peer) });
  const outcome = await outcomeOf(`to declare ${how}`, patientMs, request);
  if ('error' in outcome) throw new Violation(`not declared ${how}: ${describe(outcome.error)}`);
  const left = presentPeers(stage).filter((one) => one !== peer);
  for (const [file] of wholeFiles(stage)) {
    const fact = ledger.get(file);
    fact.kept = await disks.sound(fact.shareId, left);
    if (fact.n > fact.k && fact.kept.size < fact.k) {
      throw new Violation(`file ${file} went with one peer, though it was whole before`);
    }
    tally.check('a file outlives a peer');
  }
}
