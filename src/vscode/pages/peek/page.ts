import {
  mostRows,
  type HostMessage,
  type PageMessage,
  type PeekMode,
} from '../../peek/messages.js';
import { editor } from '../editor.js';
import { element, setAttribute, setText } from '../element.js';
import { Asker } from './asker.js';
import { RowTable } from './rowTable.js';
import { Toolbar } from './toolbar.js';

type Begin = Extract<HostMessage, { type: 'begin' }>;
type Rows = Extract<HostMessage, { type: 'rows' }>;

/** Steps of the slider. */
const steps = 10_000;

/** Rows that one notch of the wheel moves, at the usual size. */
const pixelsPerRow = 20;

/** All that is on the page, once its words are there. */
export class PeekPage {
  readonly #toolbar: Toolbar;
  readonly #table: RowTable;
  readonly #asker: Asker;
  readonly #position: HTMLInputElement;
  readonly #place = element('span');
  readonly #cost = element('span');
  readonly #notice = element('p', { class: 'notice', role: 'status', hidden: '' });
  readonly #bar = element('progress', { max: '1' });
  readonly #doing = element('span');
  readonly #busy: HTMLElement;
  #mode: PeekMode = 'text';
  #top = 0;
  #end = 0;
  #hit: Rows['hit'] = null;
  #rows = 0;
  #wheel = 0;

  constructor(
    private readonly begin: Begin,
    send: (message: PageMessage) => void,
  ) {
    const { words } = begin;
    this.#asker = new Asker(
      send,
      () => ({ mode: this.#mode, rows: Math.min(mostRows, this.#table.rows) }),
      () => this.#top,
      () => {
        this.#showBusy(words.loading, null);
      },
    );
    this.#toolbar = new Toolbar(words, {
      setMode: (mode) => {
        this.#mode = mode;
        this.#asker.ask({ type: 'show', at: this.#seenHit ?? this.#top });
      },
      goToStart: () => {
        this.#asker.ask({ type: 'show', at: 0 });
      },
      goToEnd: () => {
        this.#asker.ask({ type: 'tail' });
      },
      go: (to, text) => {
        this.#asker.ask({ type: 'go', to, text });
      },
      find: (what) => {
        const seen = this.#seenHit;
        const from = seen === undefined ? this.#top : seen + 1;
        this.#asker.ask({ type: 'find', ...what, from });
      },
      leave: () => {
        this.#table.element.focus();
      },
    });
    this.#table = new RowTable(words, () => {
      this.#fit();
    });
    this.#position = element('input', {
      ...{ type: 'range', min: '0', max: String(steps), step: '1', value: '0' },
      'aria-label': words.position,
    });
    const cancel = element('button', { type: 'button' }, words.cancel);
    cancel.addEventListener('click', () => {
      this.#asker.cancel();
    });
    this.#busy = element('div', { class: 'busy', hidden: '' }, this.#bar, this.#doing, cancel);
    this.#build();
    this.#listen();
    const state = keptState();
    this.#mode = state.mode;
    this.#top = state.top;
    this.#toolbar.showMode(this.#mode);
    this.#table.element.focus();
  }

  hear(message: Exclude<HostMessage, Begin>): void {
    if (message.type === 'busy') {
      this.#showBusy(message.text, message.done);
      return;
    }
    this.#busy.hidden = true;
    if (message.type === 'rows') this.#show(message);
    else this.#showNotice(message.text, message.isProblem);
    this.#asker.answered();
  }

  #build(): void {
    const { words } = this.begin;
    document.body.replaceChildren(
      this.#toolbar.element,
      this.#busy,
      this.#notice,
      this.#table.element,
      element('p', { id: 'content-help', class: 'unseen' }, words.contentHelp),
      this.#position,
      element('footer', { role: 'status' }, this.#place, this.#cost),
    );
  }

  #listen(): void {
    const content = this.#table.element;
    content.addEventListener('keydown', (event) => {
      if (this.#key(event)) event.preventDefault();
    });
    content.addEventListener(
      'wheel',
      ({ deltaY, deltaMode, ctrlKey }) => {
        if (ctrlKey || deltaY === 0) return;
        this.#wheel += deltaMode === WheelEvent.DOM_DELTA_PIXEL ? deltaY / pixelsPerRow : deltaY;
        const by = Math.trunc(this.#wheel);
        this.#wheel -= by;
        this.#move(by);
      },
      { passive: true },
    );
    this.#position.addEventListener('input', () => {
      const at = Math.floor((Number(this.#position.value) / steps) * this.begin.size);
      const isEnd = Number(this.#position.value) === steps;
      this.#asker.ask(isEnd ? { type: 'tail' } : { type: 'show', at });
    });
    document.addEventListener('keydown', (event) => {
      const isFind = (event.ctrlKey || event.metaKey) && event.key === 'f';
      if (isFind) this.#toolbar.focusFind();
      else if (event.key === 'F3') this.#toolbar.findNext();
      else if (event.key === 'Escape') this.#asker.cancel();
      else return;
      event.preventDefault();
    });
  }

  /** @returns whether the key means something here */
  #key({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
    if (altKey || ((ctrlKey || metaKey) && key !== 'Home' && key !== 'End')) return false;
    const page = Math.max(1, this.#table.rows - 1);
    const act = {
      ArrowUp: () => this.#move(-1),
      ArrowDown: () => this.#move(1),
      PageUp: () => this.#move(-page),
      PageDown: () => this.#move(page),
      ' ': () => this.#move(page),
      Home: () => this.#asker.ask({ type: 'show', at: 0 }),
      End: () => this.#asker.ask({ type: 'tail' }),
      '/': () => this.#toolbar.focusFind(),
      n: () => this.#toolbar.findNext(),
    }[key];
    act?.();
    return act !== undefined;
  }

  #move(by: number): void {
    if (by !== 0) this.#asker.ask({ type: 'move', top: this.#top, by });
  }

  /** The same place in another height, or for the first time. */
  #fit(): void {
    const { rows } = this.#table;
    if (rows === this.#rows) return;
    this.#rows = rows;
    this.#asker.ask({ type: 'show', at: this.#top });
  }

  /** What was found, while it is in sight. */
  get #seenHit(): number | undefined {
    const start = this.#hit?.start ?? -1;
    return start >= this.#top && start < this.#end ? start : undefined;
  }

  #show({ mode, rows, top, end, place, cost, hit }: Rows): void {
    this.#mode = mode;
    this.#top = top;
    this.#end = end;
    this.#hit = hit;
    this.#notice.hidden = true;
    this.#toolbar.showMode(mode);
    this.#table.draw(mode, rows);
    setText(this.#place, place);
    setText(this.#cost, cost);
    const { size } = this.begin;
    this.#position.value = String(end >= size ? steps : Math.round((top / size) * steps));
    setAttribute(this.#position, 'aria-valuetext', place);
    editor.setState({ mode, top });
  }

  #showNotice(text: string, isProblem: boolean): void {
    this.#notice.hidden = text === '';
    setAttribute(this.#notice, 'role', isProblem ? 'alert' : 'status');
    this.#notice.dataset['problem'] = String(isProblem);
    setText(this.#notice, text);
  }

  #showBusy(text: string, done: number | null): void {
    this.#notice.hidden = true;
    this.#busy.hidden = false;
    setText(this.#doing, text);
    if (done === null) this.#bar.removeAttribute('value');
    else this.#bar.value = done;
    this.#bar.setAttribute('aria-label', text);
  }
}

/** Where this page was before it was hidden, or the window reloaded. */
function keptState(): { readonly mode: PeekMode; readonly top: number } {
  const state = editor.getState();
  const { mode, top } = (typeof state === 'object' && state !== null ? state : {}) as {
    mode?: unknown;
    top?: unknown;
  };
  return {
    mode: mode === 'hex' ? 'hex' : 'text',
    top: Number.isSafeInteger(top) && Number(top) >= 0 ? Number(top) : 0,
  };
}
