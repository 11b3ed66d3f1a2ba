import { visible } from '../common/visible.js';
import type { ShardReport, VerifyResult } from '../control/contract.js';
import { exitCodes } from './exitCodes.js';
import type { Colors } from './output.js';
import { shortId, titleOf } from './shareText.js';
import { table } from './text.js';
import { formatCount, formatRuns } from './units.js';

/** Bad chunks named in the text; `--json` gives all that the holder named. */
const maxShown = 20;

const words: Readonly<Record<ShardReport['status'], string>> = {
  ok: 'whole',
  damaged: 'DAMAGED',
  missing: 'MISSING',
  unreachable: 'not reached',
  lied: 'WRONG ANSWER',
};

export function verifyText(result: VerifyResult, colors: Colors): string[] {
  const rows = result.shards.map((report) => [
    visible(report.name),
    String(report.shard),
    words[report.status],
    formatCount(report.chunksChecked),
    findingText(report),
  ]);
  const lines = table(
    [['HOLDER', 'SHARD', 'STATE', 'CHUNKS READ', 'FINDING'], ...rows],
    ['left', 'right', 'left', 'right'],
  );
  return [
    `${titleOf(result.share)}, id ${shortId(result.share.shareId)}`,
    '',
    ...lines.map((line, index) => {
      const status = result.shards[index - 1]?.status ?? 'ok';
      if (index === 0) return colors.bold(line);
      return status === 'ok'
        ? line
        : status === 'unreachable'
          ? colors.dim(line)
          : colors.red(line);
    }),
    '',
    verdict(result),
  ];
}

function findingText(report: ShardReport): string {
  if (report.badChunks.length > 0) {
    const shown = formatRuns(report.badChunks.slice(0, maxShown));
    const more = report.badChunks.length - maxShown;
    return `bad chunks: ${shown}${more > 0 ? ` and ${formatCount(more)} more` : ''}`;
  }
  return report.problem === null ? '' : visible(report.problem);
}

function verdict(result: VerifyResult): string {
  if (result.ok) return 'All whole, as reported by the holders just now.';
  const { heldByNobody, share } = result;
  const missing =
    heldByNobody > 0 ? ` Nobody holds ${heldByNobody} of its ${share.k + share.m} shards.` : '';
  return result.recoverable
    ? `Not all whole, as reported by the holders just now.${missing} The file can still be fetched.`
    : `Too few whole shards were reported: the file cannot be fetched now.${missing}`;
}

/** Damage counts more than a holder that could not be asked. */
export function verifyExitCode(result: VerifyResult): number {
  if (result.ok) return exitCodes.ok;
  const found = new Set(result.shards.map((report) => report.status));
  if (found.has('damaged') || found.has('missing') || found.has('lied')) return exitCodes.integrity;
  return exitCodes.tooFewPeers;
}
