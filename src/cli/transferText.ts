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

/** What a transfer is of; safe to print. */
export function transferName({ name, kind }: Pick<TransferInfo, 'name' | 'kind'>): string {
  if (name !== '') return visible(name);
  return kind === 'leave' ? 'what this peer holds' : 'all files';
}

export function stateText({ state, resumable }: TransferInfo): string {
  return state === 'failed' && resumable ? 'failed, can be resumed' : states[state];
}

export function transfersText(transfers: readonly TransferInfo[], now: number): string[] {
  if (transfers.length === 0) return ['Nothing is being shared or fetched.'];
  const rows = transfers.map((transfer) => [
    transfer.transferId.slice(0, shownDigits),
    transfer.kind,
    transferName(transfer),
    stateText(transfer),
    `${formatBytes(transfer.bytesDone)} of ${formatBytes(transfer.bytesTotal)}`,
    transfer.state === 'running' ? `${formatBytes(transfer.bytesPerSecond)}/s` : '–',
    formatCount(transfer.peers),
    formatAge(transfer.startedAt, now),
  ]);
  const head = ['ID', 'WHAT', 'NAME', 'STATE', 'DONE', 'SPEED', 'PEERS', 'STARTED'];
  const reasons = transfers
    .filter(({ error, state }) => error !== null && state !== 'cancelled')
    .map((transfer) => `${transferName(transfer)}: ${visible(transfer.error?.message ?? '')}`);
  return [...table([head, ...rows]), ...(reasons.length > 0 ? ['', ...reasons] : [])];
}
