import { rowTotals } from '../../map/cells.js';
import type { PageGrid } from '../../map/messages.js';
import { element } from '../element.js';
import { cellStates, type MapWords } from './mapWords.js';

/** The same in figures, for screen readers and for everybody. */
export function drawTable(table: HTMLTableElement, grid: PageGrid, words: MapWords): void {
  const heads = [
    ...(['holder', 'shard', 'kind', 'state', 'chunkNumbers'] as const),
    ...cellStates,
    ...(['moving', 'lastWord'] as const),
  ].map((word) => element('th', { scope: 'col' }, words.of(word)));
  const rows = grid.rows.map((row) => {
    const { chunks, moving } = rowTotals(grid, row);
    const [, , ...standing] = words.standing(row);
    const first = row.shard * grid.chunksPerShard;
    const cells = [
      words.count(row.shard),
      words.of(row.kind),
      standing.join(' · '),
      `${words.count(first)}–${words.count(first + grid.chunksPerShard - 1)}`,
      ...cellStates.map((state) => words.count(chunks[state])),
      words.count(moving),
      words.lastWord(row),
    ].map((text) => element('td', {}, text));
    return element('tr', {}, element('th', { scope: 'row' }, words.holder(row)), ...cells);
  });
  // Selected text, and where a screen reader is, would be lost by drawing the same again.
  const made = element('table', {}, element('thead', {}, element('tr', {}, ...heads)));
  made.append(element('tbody', {}, ...rows));
  if (table.textContent !== made.textContent) table.replaceChildren(...made.childNodes);
}
