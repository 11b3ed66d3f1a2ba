import { type HostMessage, mapActions, type MapAction } from '../../map/messages.js';
import { element, setAttribute, setText } from '../element.js';
import { legend } from './legend.js';
import { MapGrid } from './mapGrid.js';
import { drawTable } from './mapTable.js';
import type { MapWords } from './mapWords.js';

type Shown = Extract<HostMessage, { type: 'show' }>;

/** All that is on the page, once its words are there. */
export class MapPage {
  readonly #title = element('h1');
  readonly #facts = element('p', { class: 'facts' });
  /** Not a live region: figures that move four times a second would drown all else that is read out. */
  readonly #activities = element('div', { class: 'activities' });
  readonly #buttons: readonly (readonly [MapAction, HTMLButtonElement])[];
  readonly #details = element('div', { class: 'details', role: 'region', tabindex: '-1' });
  readonly #grid: MapGrid;
  readonly #table = element('table');

  constructor(
    private readonly words: MapWords,
    onAct: (action: MapAction) => void,
  ) {
    this.#buttons = mapActions.map((action) => {
      const button = element('button', { type: 'button' }, words.of(action));
      button.addEventListener('click', () => {
        if (button.getAttribute('aria-disabled') !== 'true') onAct(action);
      });
      return [action, button];
    });
    this.#details.setAttribute('aria-label', words.of('details'));
    this.#grid = new MapGrid(
      words,
      (lines) => {
        this.#describe(lines);
      },
      () => {
        this.#details.focus();
      },
    );
    this.#details.addEventListener('keydown', ({ key }) => {
      if (key === 'Escape') this.#grid.focus();
    });
    const toolbar = element(
      'div',
      { class: 'actions', role: 'group', 'aria-label': words.of('actions') },
      ...this.#buttons.map(([, button]) => button),
    );
    document.body.replaceChildren(
      element('header', {}, this.#title, this.#facts, toolbar, this.#activities),
      element('main', {}, this.#grid.element, this.#details),
      element('p', { id: 'help', class: 'help' }, words.of('help')),
      legend(words),
      element(
        'section',
        { class: 'table', 'aria-labelledby': 'table' },
        element('h2', { id: 'table' }, words.of('table')),
        // Wider than a narrow editor: it scrolls by itself, with the keyboard, too.
        element(
          'div',
          { class: 'scroll', tabindex: '0', role: 'group', 'aria-labelledby': 'table' },
          this.#table,
        ),
      ),
    );
  }

  show({ title, facts, activities, actions, grid }: Shown): void {
    setText(this.#title, title);
    setText(this.#facts, facts.join(' · '));
    for (const [action, button] of this.#buttons) {
      // Not `disabled`: whoever has just pressed it by keyboard would lose the focus.
      setAttribute(button, 'aria-disabled', String(!actions.includes(action)));
    }
    this.#showActivities(activities);
    this.#grid.draw(grid);
    drawTable(this.#table, grid, this.words);
  }

  #showActivities(activities: Shown['activities']): void {
    while (this.#activities.children.length > activities.length) {
      this.#activities.lastElementChild?.remove();
    }
    for (const [at, { text, percent }] of activities.entries()) {
      const line =
        this.#activities.children[at] ??
        this.#activities.appendChild(
          element('p', {}, element('progress', { max: '100' }), element('span')),
        );
      const [bar, words] = line.children;
      if (bar instanceof HTMLProgressElement) {
        bar.value = percent;
        bar.setAttribute('aria-label', text);
      }
      if (words !== undefined) setText(words, text);
    }
  }

  #describe(lines: readonly string[]): void {
    const text = lines.join('\n');
    if (this.#details.dataset['text'] === text) return;
    this.#details.dataset['text'] = text;
    this.#details.replaceChildren(...lines.map((line) => element('p', {}, line)));
  }
}
