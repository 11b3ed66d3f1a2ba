import assert from 'node:assert/strict';
import type { ControlClient, TransferInfo } from '../../src/control/contract.js';
import { waitFor } from './waitFor.js';

/** Waits until a transfer is as it is wanted. @throws AssertionError when it failed, or was cancelled */
export async function untilTransfer(
  client: ControlClient,
  transferId: string,
  isSo: (transfer: TransferInfo) => boolean,
  deadlineMs?: number,
): Promise<TransferInfo> {
  let found: TransferInfo | undefined;
  await waitFor(
    client,
    async () => {
      const { transfers } = await client.request('transfers', null);
      found = transfers.find((transfer) => transfer.transferId === transferId);
      const isLost = found?.state === 'failed' || found?.state === 'cancelled';
      assert.ok(!isLost, `it did not go on: ${JSON.stringify(found?.error)}`);
      return found !== undefined && isSo(found);
    },
    `transfer ${transferId}`,
    deadlineMs,
  );
  return found ?? assert.fail();
}

export const isDone = ({ state }: TransferInfo): boolean => state === 'done';
