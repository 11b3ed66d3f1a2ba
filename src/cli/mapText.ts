import { visible } from '../common/visible.js';
import type { ChunkRun, ShareMap } from '../control/contract.js';
import type { Colors } from './output.js';
import { schemeText, survivalSentence, titleOf } from './shareText.js';
import { table } from './text.js';
import { formatCount, formatRun } from './units.js';

const barCells = 32;
const marks = { data: '█', parity: '▓', offline: '░', none: '·' } as const;

/** The chunk map: one row a run, with a bar that shows where in the file's chunks the run lies. */
export function mapText(map: ShareMap, colors: Colors): string[] {
  const { share, chunks, runs } = map;
  const rows = runs.map((run) => [
    `${visible(run.name)}${run.online ? '' : ' (offline)'}`,
    formatRun(run.first, run.last),
    run.kind === 'data' ? 'file' : 'spare',
    bar(run, chunks),
  ]);
  const lines = table([['HOLDER', 'CHUNKS', 'KIND', 'WHERE THEY ARE'], ...rows]);
  const painted = lines.map((line, index) => {
    const run = runs[index - 1];
    if (!run) return colors.bold(line);
    if (!run.online) return colors.dim(line);
    return run.kind === 'data' ? colors.cyan(line) : colors.magenta(line);
  });
  const kinds = new Set(runs.map((run) => run.kind));
  return [
    `${titleOf(share)} by ${visible(share.authorName)}, id ${share.shareId}`,
    `${formatCount(chunks)} chunks of 512 bytes: ${schemeText(share)}; ${survivalSentence(share.spare)}.`,
    '',
    ...painted,
    '',
    [
      `${marks.data} the file itself, encrypted`,
      ...(kinds.has('parity') ? [`${marks.parity} spare, stands in for any that is lost`] : []),
      ...(runs.some((run) => !run.online) ? [`${marks.offline} holder offline`] : []),
    ].join('   '),
  ];
}

/** Where a run lies among all chunks, in `barCells` cells; even the shortest run takes one. */
function bar(run: ChunkRun, chunks: number): string {
  const mark = run.online ? marks[run.kind] : marks.offline;
  const first = Math.min(barCells - 1, Math.floor((run.first / chunks) * barCells));
  const end = Math.max(first + 1, Math.round(((run.last + 1) / chunks) * barCells));
  return marks.none.repeat(first) + mark.repeat(end - first) + marks.none.repeat(barCells - end);
}
