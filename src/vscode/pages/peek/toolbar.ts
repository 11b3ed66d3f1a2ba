import type { PeekMode } from '../../peek/messages.js';
import type { PeekWord } from '../../peek/words.js';
import { element, setAttribute } from '../element.js';

export interface ToolbarActions {
  readonly setMode: (mode: PeekMode) => void;
  readonly goToStart: () => void;
  readonly goToEnd: () => void;
  readonly go: (to: 'line' | 'offset', text: string) => void;
  readonly find: (what: { text: string; bytes: boolean; matchCase: boolean }) => void;
  /** The user has done with a field. */
  readonly leave: () => void;
}

/** Everything above the rows. */
export class Toolbar {
  readonly element: HTMLElement;
  readonly #modes: Readonly<Record<PeekMode, HTMLButtonElement>>;
  readonly #find: HTMLInputElement;
  readonly #matchCase: HTMLInputElement;
  readonly #asBytes: HTMLInputElement;

  constructor(
    private readonly words: Readonly<Record<PeekWord, string>>,
    private readonly actions: ToolbarActions,
  ) {
    this.#modes = {
      text: button(words.text, () => actions.setMode('text')),
      hex: button(words.hex, () => actions.setMode('hex')),
    };
    this.#find = this.#field('find', words.find, words.findHint, () => this.findNext());
    this.#matchCase = element('input', { type: 'checkbox', id: 'match-case' });
    this.#asBytes = element('input', { type: 'checkbox', id: 'as-bytes' });
    this.#asBytes.addEventListener('change', () => {
      const isBytes = this.#asBytes.checked;
      this.#find.placeholder = isBytes ? words.bytesHint : words.findHint;
      this.#matchCase.disabled = isBytes;
    });
    this.element = element(
      'div',
      { class: 'tools', role: 'toolbar', 'aria-label': words.tools },
      group(words.view, this.#modes.text, this.#modes.hex),
      group(
        words.goTo,
        button(words.start, actions.goToStart, words.startHelp),
        button(words.end, actions.goToEnd, words.endHelp),
        ...this.#goTo(),
      ),
      group(
        words.find,
        this.#find,
        button(words.findNext, () => this.findNext()),
        labelled(this.#matchCase, words.matchCase),
        labelled(this.#asBytes, words.asBytes),
      ),
    );
  }

  showMode(mode: PeekMode): void {
    for (const [one, made] of Object.entries(this.#modes)) {
      setAttribute(made, 'aria-pressed', String(one === mode));
    }
  }

  focusFind(): void {
    this.#find.focus();
    this.#find.select();
  }

  findNext(): void {
    const text = this.#find.value;
    if (text === '') this.focusFind();
    else {
      const { checked: bytes } = this.#asBytes;
      this.actions.find({ text, bytes, matchCase: this.#matchCase.checked });
    }
  }

  #goTo(): HTMLElement[] {
    const { words } = this;
    const kind = element(
      'select',
      { id: 'go-kind', 'aria-label': words.goToKind },
      element('option', { value: 'line' }, words.line),
      element('option', { value: 'offset' }, words.offset),
    );
    const go = (): void => {
      if (field.value !== '')
        this.actions.go(kind.value === 'line' ? 'line' : 'offset', field.value);
    };
    const field = this.#field('go-to', words.goTo, words.lineHint, go);
    kind.addEventListener('change', () => {
      field.placeholder = kind.value === 'line' ? words.lineHint : words.offsetHint;
    });
    return [kind, field, button(words.go, go)];
  }

  #field(id: string, label: string, hint: string, onEnter: () => void): HTMLInputElement {
    const field = element('input', {
      ...{ type: 'text', id, 'aria-label': label, placeholder: hint },
      ...{ spellcheck: 'false', autocomplete: 'off', maxlength: '8192' },
    });
    field.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') onEnter();
      else if (event.key === 'Escape') this.actions.leave();
      else return;
      event.preventDefault();
    });
    return field;
  }
}

function button(label: string, act: () => void, title?: string): HTMLButtonElement {
  const made = element('button', { type: 'button', title }, label);
  made.addEventListener('click', act);
  return made;
}

function group(label: string, ...children: readonly HTMLElement[]): HTMLElement {
  return element('div', { class: 'group', role: 'group', 'aria-label': label }, ...children);
}

function labelled(input: HTMLInputElement, label: string): HTMLElement {
  return element('label', {}, input, label);
}
