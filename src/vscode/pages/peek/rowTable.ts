import type { Part, PeekMode, PeekRow } from '../../peek/messages.js';
import type { PeekWord } from '../../peek/words.js';
import { element, setText } from '../element.js';

/** Height of a row, in units of the text's size; the style sheet has the same. */
const rowHeight = 1.5;

/** The rows of a screen, as a table: what stands in front of a row is its heading. */
export class RowTable {
  readonly #head = element('tr');
  readonly #body = element('tbody');
  readonly #hint: HTMLElement;
  /** What keys and the wheel move. */
  readonly element: HTMLElement;

  constructor(
    private readonly words: Readonly<Record<PeekWord, string>>,
    onFit: () => void,
  ) {
    this.#hint = element('p', { class: 'hint', hidden: '' }, words.empty);
    this.element = element(
      'div',
      {
        class: 'content',
        tabindex: '0',
        role: 'group',
        'aria-label': words.content,
        'aria-describedby': 'content-help',
      },
      element('table', {}, element('thead', {}, this.#head), this.#body),
      this.#hint,
    );
    new ResizeObserver(onFit).observe(this.element);
  }

  /** How many rows fit. */
  get rows(): number {
    const size = parseFloat(getComputedStyle(this.element).fontSize);
    return Math.max(1, Math.floor(this.element.clientHeight / (size * rowHeight)) || 1);
  }

  draw(mode: PeekMode, rows: readonly PeekRow[]): void {
    const { words } = this;
    const titles =
      mode === 'text' ? [words.row, words.text] : [words.offset, words.bytes, words.characters];
    this.element.dataset['mode'] = mode;
    this.#head.replaceChildren(
      ...titles.map((title) =>
        element('th', { scope: 'col' }, element('span', { class: 'unseen' }, title)),
      ),
    );
    this.#body.replaceChildren(...rows.map((row) => this.#row(row)));
    this.#hint.hidden = rows.length > 0;
    // A row can be far wider than the window.
    this.#body.querySelector('mark')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  #row({ at, label, parts, characters }: PeekRow): HTMLElement {
    const head = element('th', { scope: 'row' }, label);
    if (label === '')
      setText(head.appendChild(element('span', { class: 'unseen' })), this.words.continued);
    return element(
      'tr',
      { 'data-at': String(at) },
      head,
      element('td', {}, ...parts.map(run)),
      ...(characters === null ? [] : [element('td', {}, ...characters.map(run))]),
    );
  }
}

function run({ text, hit }: Part): Node | string {
  return hit ? element('mark', {}, text) : text;
}
