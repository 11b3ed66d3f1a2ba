import { visible } from '../common/visible.js';
import type { VerifyAllResult } from '../control/contract.js';
import { exitCodes } from './exitCodes.js';
import type { Colors } from './output.js';
import { nameOf, shortId } from './shareText.js';
import { table } from './text.js';
import { formatCount } from './units.js';

/** A row for each share that is not whole, and how many are. */
export function verifyAllText(result: VerifyAllResult, colors: Colors): string[] {
  const { checked, whole, unsound } = result;
  if (checked === 0) return ['Nothing is shared yet.'];
  if (whole === checked) {
    return [`All ${formatCount(checked)} whole, as reported by the holders just now.`];
  }
  const rows = unsound.map((share) => [
    nameOf(share),
    shortId(share.shareId),
    share.onlyUnreachable ? 'not reached' : 'DAMAGED',
    share.recoverable ? 'yes' : 'NO',
    [
      ...share.holders.map(visible),
      ...(share.heldByNobody > 0 ? [`nobody: ${share.heldByNobody}`] : []),
    ].join(', '),
  ]);
  const lines = table([['NAME', 'ID', 'STATE', 'CAN BE FETCHED', 'HOLDERS'], ...rows]);
  const more = checked - whole - unsound.length;
  return [
    ...lines.map((line, index) => (index === 0 ? colors.bold(line) : paint(line, index))),
    ...(more > 0 ? [`and ${formatCount(more)} more`] : []),
    '',
    `${formatCount(whole)} of ${formatCount(checked)} whole, as reported by the holders just now.`,
  ];

  function paint(line: string, index: number): string {
    return unsound[index - 1]?.onlyUnreachable === true ? colors.dim(line) : colors.red(line);
  }
}

/** Damage counts more than holders that could not be asked. */
export function verifyAllExitCode({ checked, whole, unsound }: VerifyAllResult): number {
  if (whole === checked) return exitCodes.ok;
  return unsound.some(({ onlyUnreachable }) => !onlyUnreachable)
    ? exitCodes.integrity
    : exitCodes.tooFewPeers;
}
