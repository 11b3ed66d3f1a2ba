import { PeerError } from '../common/errors.js';
import { visible } from '../common/visible.js';
import type { TransferInfo } from '../control/contract.js';
import { stateText, transferName } from './transferText.js';
import { withPeer, type VerbContext } from './verb.js';

/** Pauses, resumes or cancels the transfer that a text is the start of the id of, and says what became of it. */
export function actOnTransfer(
  context: VerbContext,
  action: 'pause' | 'resume' | 'cancel',
  text: string,
): Promise<number> {
  return withPeer(context, async (client) => {
    const { output, deps } = context;
    const list = async (): Promise<readonly TransferInfo[]> =>
      (await client.request('transfers', null, deps.signal)).transfers;
    const named = chosen(await list(), text);
    const { transferId } = named;
    await client.request(action, { transferId }, deps.signal);
    const transfer = (await list()).find((one) => one.transferId === transferId) ?? null;
    const state = transfer === null ? 'gone' : stateText(transfer);
    output.result({ transfer }, [`${transferName(named)}: ${state}`]);
    return 0;
  });
}

/** @throws PeerError `not-found`, `ambiguous` */
function chosen(transfers: readonly TransferInfo[], text: string): TransferInfo {
  const [found, ...more] = transfers.filter(({ transferId }) => transferId.startsWith(text));
  if (found === undefined) {
    throw new PeerError('not-found', `No transfer begins with “${visible(text)}”.`, {
      hint: 'See them with “chunk-partitioner transfers”.',
    });
  }
  if (more.length > 0) {
    throw new PeerError('ambiguous', `Several transfers begin with “${visible(text)}”.`, {
      hint: 'Give more of the id.',
    });
  }
  return found;
}
