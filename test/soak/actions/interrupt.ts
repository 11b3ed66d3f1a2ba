import type { Operation } from '../operations.js';
import { patientMs, transferMs, type Stage } from '../stage.js';
import { outcomeOf, type Outcome } from '../violation.js';

export interface InterruptedTransfer<T> {
  readonly operation: Extract<Operation, { kind: 'share' | 'get' }>;
  readonly transferId: string;
  /** What it moves, about. */
  readonly bytes: number;
  readonly request: () => Promise<T>;
}

/** Runs a transfer, and what is to happen in its middle; at its end at the latest. */
export async function interrupted<T>(
  stage: Stage,
  { operation, transferId, bytes, request }: InterruptedTransfer<T>,
): Promise<Outcome<T>> {
  const { cast, tally } = stage;
  const { kind, peer, interrupt } = operation;
  const what = `${kind} of file ${operation.file} at ${cast.peer(peer).name}`;
  if (interrupt === undefined) return await outcomeOf(what, transferMs, request());
  const { how, who, at } = interrupt;
  const client = await cast.client(peer);
  const moment = Promise.withResolvers<undefined>();
  const watch = cast.switchboard.whenMoved(peer, bytes * at, () => {
    moment.resolve(undefined);
  });
  const outcome = outcomeOf(what, patientMs, request());
  await Promise.race([moment.promise, outcome]);
  watch.dispose();
  if (how === 'kill') await cast.peer(who).kill();
  else if (how === 'cut') cast.cut([peer], 'reset');
  else await client.request('cancel', { transferId });
  tally.fault(`${how} in the middle of a ${kind}`);
  return await outcome;
}
