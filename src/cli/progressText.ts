import type { TransferInfo, TransferKind } from '../control/contract.js';
import { transferName } from './transferText.js';
import { formatBytes, formatDuration, percent } from './units.js';

const verbs: Readonly<Record<TransferKind, string>> = {
  share: '↑ Sharing',
  get: '↓ Getting',
  verify: '✓ Verifying',
  repair: '+ Repairing',
  leave: '→ Moving',
};

/** One line: `↑ Sharing model.bin  42%  8.2 MB/s  1 m left  3 peers`. */
export function progressText(info: TransferInfo): string {
  const parts = [
    `${verbs[info.kind]} ${transferName(info)}`,
    `${String(percent(info.bytesDone, info.bytesTotal)).padStart(3)}%`,
  ];
  if (info.state === 'waiting') parts.push('waiting for peers');
  if (info.state === 'paused') parts.push('paused');
  if (info.bytesPerSecond > 0) {
    parts.push(`${formatBytes(info.bytesPerSecond)}/s`);
    const left = (info.bytesTotal - info.bytesDone) / info.bytesPerSecond;
    if (left >= 1) parts.push(`${formatDuration(left)} left`);
  }
  if (info.peers > 0) parts.push(info.peers === 1 ? '1 peer' : `${String(info.peers)} peers`);
  return parts.join('  ');
}
