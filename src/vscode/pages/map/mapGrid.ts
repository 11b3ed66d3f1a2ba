import type { GridRow } from '../../../control/contract.js';
import { type CellState, cellOf, placeOf, spareByColumn } from '../../map/cells.js';
import type { PageGrid } from '../../map/messages.js';
import { element, setAttribute, setText } from '../element.js';
import { cellStates, type MapWords } from './mapWords.js';

/** Where the cursor is: the row of the margin comes after those of the holders. */
export interface Place {
  readonly row: number;
  readonly column: number;
}

/**
 * The map itself, an ARIA grid: a row for each holder, a cell for each part of the file, and below them how many more
 * may be lost. It is one stop of Tab; within it arrow keys move. What is drawn again keeps its elements.
 */
export class MapGrid {
  readonly element: HTMLElement;
  readonly #axis = element('div', { class: 'axis', 'aria-hidden': 'true' });
  #rows: { readonly head: HTMLElement; readonly cells: readonly HTMLElement[] }[] = [];
  #grid: PageGrid | undefined;
  #place: Place = { row: 0, column: 0 };

  /** @param onPlace the cursor moved, or what is under it changed. @param onOpen Enter was pressed there */
  constructor(
    private readonly words: MapWords,
    private readonly onPlace: (words: readonly string[]) => void,
    private readonly onOpen: () => void,
  ) {
    this.element = element('div', {
      ...{ role: 'grid', class: 'grid', 'aria-readonly': 'true' },
      ...{ 'aria-label': words.of('map'), 'aria-describedby': 'help' },
    });
    this.element.addEventListener('keydown', (event) => {
      this.#onKey(event);
    });
    // By keys, by a click, or by whatever a screen reader does: where the focus is, is the cursor.
    this.element.addEventListener('focusin', ({ target }) => {
      this.#onFocus(target);
    });
  }

  draw(grid: PageGrid): void {
    const before = this.#grid;
    this.#grid = grid;
    const columns = grid.edges.length - 1;
    if (before?.rows.length !== grid.rows.length || before.edges.length !== grid.edges.length) {
      this.#build(grid.rows.length + 1, columns);
    }
    for (const [at, row] of grid.rows.entries()) this.#drawRow(grid, row, at);
    this.#drawMargin(grid);
    this.#drawAxis(grid);
    this.#tell();
  }

  /** Gives the cell under the cursor the focus. */
  focus(): void {
    this.#cell(this.#place)?.focus();
  }

  #build(rows: number, columns: number): void {
    const hadFocus = this.element.contains(document.activeElement);
    this.element.style.setProperty('--columns', String(columns));
    setAttribute(this.element, 'aria-rowcount', String(rows));
    setAttribute(this.element, 'aria-colcount', String(columns + 1));
    this.#rows = Array.from({ length: rows }, (_, row) => {
      const head = element('div', { role: 'rowheader', class: 'head' });
      const cells = Array.from({ length: columns }, (_none, column) =>
        element('div', {
          role: 'gridcell',
          class: 'cell',
          tabindex: '-1',
          'data-at': `${row},${column}`,
        }),
      );
      return { head, cells };
    });
    const made = this.#rows.map(({ head, cells }, row) =>
      element('div', { role: 'row', class: row === rows - 1 ? 'margin' : 'row' }, head, ...cells),
    );
    this.element.replaceChildren(...made, this.#axis);
    this.#place = {
      row: Math.min(this.#place.row, rows - 1),
      column: Math.min(this.#place.column, columns - 1),
    };
    this.#cell(this.#place)?.setAttribute('tabindex', '0');
    if (hadFocus) this.focus();
  }

  #drawRow(grid: PageGrid, row: GridRow, at: number): void {
    const drawn = this.#rows[at];
    if (drawn === undefined) return;
    const name = this.words.holder(row);
    const standing = this.words.standing(row).join(' · ');
    setText(drawn.head, name);
    setAttribute(drawn.head, 'title', `${name}\n${standing}\n${this.words.lastWord(row)}`);
    setAttribute(drawn.head, 'aria-label', `${name}, ${standing}`);
    setAttribute(drawn.head, 'data-online', String(row.nodeId !== '' && row.online));
    for (const [column, target] of drawn.cells.entries()) {
      const cell = cellOf(grid, row, column);
      const size = cell.last - cell.first + 1;
      setAttribute(target, 'data-state', cell.state);
      setAttribute(target, 'data-moving', String(cell.moving > 0));
      setAttribute(target, 'aria-label', this.words.cell(grid, row, column));
      // How full it is of each: drawn as layers, from the best known at the bottom to the worst.
      let level = 0;
      for (const state of cellStates) {
        level += cell.chunks[state];
        setLevel(target, state, Math.round((100 * level) / size));
      }
    }
  }

  #drawMargin(grid: PageGrid): void {
    const drawn = this.#rows.at(-1);
    if (drawn === undefined) return;
    setText(drawn.head, this.words.of('spare'));
    for (const [column, spare] of spareByColumn(grid).entries()) {
      const target = drawn.cells[column];
      if (target === undefined) continue;
      setText(target, spare < 0 ? '!' : spare > 9 ? '+' : String(spare));
      setAttribute(target, 'data-spare', spare < 0 ? 'lost' : spare === 0 ? 'none' : 'some');
      const words = [this.words.spare(spare), this.words.place(grid, column)];
      setAttribute(target, 'aria-label', words.join('; '));
    }
  }

  #drawAxis(grid: PageGrid): void {
    const last = grid.edges.length - 2;
    const marks = last < 7 ? [0] : [0, 1, 2, 3].map((part) => Math.round((part * (last + 1)) / 4));
    const percent = (column: number): string => `${String(Math.round(placeOf(grid, column)[0]))}%`;
    const words = marks.map((column) => {
      const mark = element('span', {}, percent(column));
      // Not beyond the last line: further ones would be made, and the rows would no longer end where they do.
      const end = Math.min(column + 6, last + 3);
      mark.style.setProperty('grid-column', `${String(column + 2)} / ${String(end)}`);
      return mark;
    });
    this.#axis.replaceChildren(...words);
  }

  #onKey(event: KeyboardEvent): void {
    const { row, column } = this.#place;
    const lastRow = this.#rows.length - 1;
    const lastColumn = (this.#rows[0]?.cells.length ?? 1) - 1;
    const all = event.ctrlKey || event.metaKey;
    const moves: Readonly<Record<string, Place>> = {
      ArrowLeft: { row, column: column - 1 },
      ArrowRight: { row, column: column + 1 },
      ArrowUp: { row: row - 1, column },
      ArrowDown: { row: row + 1, column },
      Home: { row: all ? 0 : row, column: 0 },
      End: { row: all ? lastRow : row, column: lastColumn },
      PageUp: { row: 0, column },
      PageDown: { row: lastRow, column },
    };
    const to = moves[event.key];
    if (to !== undefined) {
      const at = {
        row: Math.max(0, Math.min(lastRow, to.row)),
        column: Math.max(0, Math.min(lastColumn, to.column)),
      };
      this.#cell(at)?.focus();
    } else if (event.key === 'Enter') this.onOpen();
    else return;
    event.preventDefault();
  }

  #onFocus(target: EventTarget | null): void {
    const at = target instanceof HTMLElement ? target.dataset['at'] : undefined;
    const [row, column] = (at ?? '').split(',').map(Number);
    if (row === undefined || column === undefined) return;
    this.#cell(this.#place)?.setAttribute('tabindex', '-1');
    this.#place = { row, column };
    this.#cell(this.#place)?.setAttribute('tabindex', '0');
    this.#tell();
  }

  /** Says what is under the cursor. */
  #tell(): void {
    const grid = this.#grid;
    if (grid === undefined) return;
    const { row: at, column } = this.#place;
    const row = grid.rows[at];
    if (row === undefined) {
      const spare = spareByColumn(grid)[column] ?? 0;
      this.onPlace([this.words.spare(spare), this.words.place(grid, column)]);
      return;
    }
    const { first, last, chunks, moving } = cellOf(grid, row, column);
    this.onPlace([
      [this.words.holder(row), ...this.words.standing(row)].join(' · '),
      [this.words.of('chunks', first, last), this.words.place(grid, column)].join(' · '),
      this.words.counts(chunks, moving),
      this.words.lastWord(row),
    ]);
  }

  #cell({ row, column }: Place): HTMLElement | undefined {
    return this.#rows[row]?.cells[column];
  }
}

function setLevel(target: HTMLElement, state: CellState, percent: number): void {
  const name = `--${state}`;
  const value = `${String(percent)}%`;
  if (target.style.getPropertyValue(name) !== value) target.style.setProperty(name, value);
}
