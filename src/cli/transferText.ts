import { visible } from '../common/visible.js';
import type { TransferInfo, TransferState } from '../control/contract.js';
import { table } from './text.js';
import { formatAge, formatBytes, formatCount } from './units.js';

/** Digits of an id that are shown; a unique start of one will do. */
const shownDigits = 8;

const states: Readonly<Record<TransferState, string>> = {
  running: 'running',
  waiting: 'waiting for peers',
  paused: 'paused',
  done: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
};

export function stateText({ state, resumable }: TransferInfo): string {
  return state === 'failed' && resumable ? 'failed, can be resumed' : states[state];
}

export function transfersText(transfers: readonly TransferInfo[], now: number): string[] {
  if (transfers.length === 0) return ['Nothing is being shared or fetched.'];
  const rows = transfers.map((transfer) => [
    transfer.transferId.slice(0, shownDigits),
    transfer.kind,
    visible(transfer.name),
    stateText(transfer),
    `${formatBytes(transfer.bytesDone)} of ${formatBytes(transfer.bytesTotal)}`,
    transfer.state === 'running' ? `${formatBytes(transfer.bytesPerSecond)}/s` : '–',
    formatCount(transfer.peers),
    formatAge(transfer.startedAt, now),
  ]);
  const head = ['ID', 'WHAT', 'NAME', 'STATE', 'DONE', 'SPEED', 'PEERS', 'STARTED'];
  const reasons = transfers
    .filter(({ error, state }) => error !== null && state !== 'cancelled')
    .map(({ name, error }) => `${visible(name)}: ${visible(error?.message ?? '')}`);
  return [...table([head, ...rows]), ...(reasons.length > 0 ? ['', ...reasons] : [])];
}
