/** The figures behind the cells of the chunk map. Pure. */
import type { ChunkState, GridRow } from '../../control/contract.js';
import type { PageGrid } from './messages.js';

/** From what is best known to what is worst. */
export const chunkStates = [
  'proved',
  'reported',
  'held',
  'damaged',
] as const satisfies readonly ChunkState[];

/** `missing`: nobody is known to have it, or it is not sent yet. */
export type CellState = ChunkState | 'missing';

/** One holder's chunks in one column. */
export interface Cell {
  /** Numbers of the first and the last of its chunks. */
  readonly first: number;
  readonly last: number;
  readonly chunks: Readonly<Record<CellState, number>>;
  /** Of all of these, those that are under way. */
  readonly moving: number;
  /** What it is drawn as: damage always shows; else what there is most of. */
  readonly state: CellState;
}

export function cellOf(grid: PageGrid, row: GridRow, column: number): Cell {
  const start = grid.edges[column] ?? 0;
  const end = grid.edges[column + 1] ?? start;
  const of = (state: ChunkState): number => row.chunks[state]?.[column] ?? 0;
  const known = { proved: of('proved'), reported: of('reported'), held: of('held') };
  const damaged = of('damaged');
  const there = known.proved + known.reported + known.held + damaged;
  const chunks = { ...known, damaged, missing: Math.max(0, end - start - there) };
  return {
    first: row.shard * grid.chunksPerShard + start,
    last: row.shard * grid.chunksPerShard + end - 1,
    chunks,
    moving: row.moving?.[column] ?? 0,
    state: damaged > 0 ? 'damaged' : mostOf(chunks),
  };
}

/** All columns of a row together. */
export function rowTotals(grid: PageGrid, row: GridRow): Pick<Cell, 'chunks' | 'moving'> {
  const chunks: Record<CellState, number> = {
    ...{ proved: 0, reported: 0, held: 0, damaged: 0, missing: 0 },
  };
  let moving = 0;
  for (let column = 0; column + 1 < grid.edges.length; column += 1) {
    const cell = cellOf(grid, row, column);
    for (const state of [...chunkStates, 'missing'] as const) chunks[state] += cell.chunks[state];
    moving += cell.moving;
  }
  return { chunks, moving };
}

/**
 * How many more holders each column can lose, at least: shards of which all is there, less those that are needed.
 * Negative where it is lost.
 */
export function spareByColumn(grid: PageGrid): number[] {
  return Array.from({ length: grid.edges.length - 1 }, (_, column) => {
    const whole = grid.rows.filter((row) => {
      const { chunks } = cellOf(grid, row, column);
      return chunks.damaged === 0 && chunks.missing === 0;
    });
    return new Set(whole.map(({ shard }) => shard)).size - grid.k;
  });
}

/** Where a column lies in the file: percent of it, 0 to 100. */
export function placeOf(grid: PageGrid, column: number): readonly [from: number, to: number] {
  const place = (edge: number): number => (100 * (grid.edges[edge] ?? 0)) / grid.chunksPerShard;
  return [place(column), place(column + 1)];
}

function mostOf(chunks: Cell['chunks']): CellState {
  const states = ['missing', 'held', 'reported', 'proved'] as const;
  return states.reduce((best, state) => (chunks[state] > chunks[best] ? state : best));
}
