import type { GridRow } from '../../../control/contract.js';
import { type CellState, cellOf, chunkStates, placeOf } from '../../map/cells.js';
import type { PageGrid } from '../../map/messages.js';
import type { MapWord } from '../../map/words.js';

/** From the best to the worst. */
export const cellStates: readonly CellState[] = [...chunkStates, 'missing'];

/** The words of the page, and what is put together from them. */
export class MapWords {
  readonly #count: Intl.NumberFormat;
  readonly #percent: Intl.NumberFormat;

  constructor(
    private readonly words: Readonly<Record<MapWord, string>>,
    private readonly language: string,
  ) {
    this.#count = new Intl.NumberFormat(language);
    this.#percent = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  }

  /** @param values for `{0}`, `{1}` … */
  of(word: MapWord, ...values: readonly (string | number)[]): string {
    return this.words[word].replace(/\{(\d)\}/g, (whole, at: string) => {
      const value = values[Number(at)];
      if (value === undefined) return whole;
      return typeof value === 'number' ? this.#count.format(value) : value;
    });
  }

  count(value: number): string {
    return this.#count.format(value);
  }

  holder(row: GridRow): string {
    return row.nodeId === '' ? this.of('nobody') : row.name;
  }

  /** `shard 3, parity, offline` */
  standing(row: GridRow): string[] {
    return [
      this.of('numberedShard', row.shard),
      this.of(row.kind),
      ...(row.nodeId === '' ? [] : [this.of(row.online ? 'online' : 'offline')]),
      ...(row.doubted ? [this.of('doubted')] : []),
      ...(row.problem === null ? [] : [row.problem]),
    ];
  }

  /** What the holder, or this machine, said of it last. */
  lastWord(row: GridRow): string {
    if (row.provedAt === 0 && row.reportedAt === 0) return this.of('nothingKnown');
    const isProof = row.provedAt >= row.reportedAt;
    const at = new Date(isProof ? row.provedAt : row.reportedAt);
    return this.of(isProof ? 'provedAt' : 'reportedAt', at.toLocaleString(this.language));
  }

  /** `Proved here 900, Damaged 3, Under way 12` */
  counts(chunks: Readonly<Record<CellState, number>>, moving: number): string {
    const states = cellStates.filter((state) => chunks[state] > 0);
    const words = states.map((state) => `${this.of(state)} ${this.count(chunks[state])}`);
    if (moving > 0) words.push(`${this.of('moving')} ${this.count(moving)}`);
    return words.join(', ');
  }

  place(grid: PageGrid, column: number): string {
    const [from, to] = placeOf(grid, column);
    return this.of('place', this.#percent.format(from), this.#percent.format(to));
  }

  cell(grid: PageGrid, row: GridRow, column: number): string {
    const { first, last, chunks, moving } = cellOf(grid, row, column);
    return [
      this.holder(row),
      this.of('chunks', first, last),
      this.counts(chunks, moving),
      this.place(grid, column),
    ].join('; ');
  }

  spare(spare: number): string {
    return spare < 0 ? this.of('lostHere', -spare) : this.of('spareHere', spare);
  }
}
