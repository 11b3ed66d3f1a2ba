import { visible } from '../common/visible.js';
import type { LeaveResult, RepairedShard, RepairResult } from '../control/contract.js';
import { nameOf, shortId, survivalSentence } from './shareText.js';
import { formatCount } from './units.js';

/** A paragraph for each share: what was missing, who has it now, and how safe it is. */
export function repairText({ shares, ok }: RepairResult, isOne: boolean): string[] {
  if (shares.length === 0) return ['Nothing is missing.'];
  const lines = shares.flatMap((share) => [
    `${nameOf(share)}, id ${shortId(share.shareId)}: ${String(share.live)} of ${String(share.total)} pieces are held; ${survivalSentence(share.spare)}`,
    ...share.shards.map((shard) => `  ${shardText(shard)}`),
  ]);
  if (isOne && ok && shares.every(({ shards }) => shards.length === 0)) {
    lines.push('Nothing was missing.');
  }
  return lines;
}

function shardText({ shard, name, outcome, problem }: RepairedShard): string {
  switch (outcome) {
    case 'made':
      return `piece ${String(shard)} was made anew, by ${visible(name)}`;
    case 'mended':
      return `piece ${String(shard)} was put right, by ${visible(name)}`;
    case 'failed':
      return `piece ${String(shard)} is missing: ${visible(problem ?? 'nobody took it')}`;
  }
}

/** Whether the machine may be switched off, and what would suffer. */
export function leaveText({ safe, moved, behind }: LeaveResult, isForced: boolean): string[] {
  const pieces = moved === 1 ? '1 piece is' : `${formatCount(moved)} pieces are`;
  const lines = [`${pieces} with others now.`];
  for (const one of behind) {
    lines.push(
      `${nameOf(one)}, id ${shortId(one.shareId)}, piece ${String(one.shard)}: ${visible(one.problem)} ` +
        `Without this machine: ${survivalSentence(one.spare)}.`,
    );
  }
  if (safe) lines.push('This machine holds nothing that others lack: it can be switched off.');
  else if (isForced)
    lines.push('This machine has left. The files above have that much less to spare.');
  else {
    lines.push(
      'Not safe to switch off yet: what is named above is still here. Try again when more peers are online.',
    );
  }
  return lines;
}
