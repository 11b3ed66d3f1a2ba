import * as vscode from 'vscode';
import type { Disposable } from '../../common/disposable.js';
import { PeerError } from '../../common/errors.js';
import { errorWords } from '../errorWords.js';
import { formatBytes, formatCount, percent } from '../format.js';
import { visibleText } from '../visibleText.js';
import { readPageMessage, type HostMessage, type LookMessage } from './messages.js';
import { PeekModel, type OnProgress, type Screen } from './peekModel.js';
import { parseLine, parseOffset } from './place.js';
import { bytesPattern, textPattern } from './search.js';
import type { SharedSource } from './sharedSource.js';
import { peekWords } from './words.js';

/** How often progress is told at most, milliseconds. */
const progressMs = 250;

/** Something that was asked for and cannot be: in words, and no failure. */
class NothingToShow {
  constructor(readonly words: string) {}
}

/** Answers one page: a screen for each wish, or why there is none. */
export class PeekTalk implements Disposable {
  readonly #model: PeekModel;
  readonly #ended = new AbortController();
  readonly #ahead: Promise<unknown>;
  /** What is under way now. */
  #task: AbortController | undefined;
  #isFirst = true;
  #told = 0;

  constructor(
    private readonly source: SharedSource,
    private readonly send: (message: HostMessage) => void,
  ) {
    this.#model = new PeekModel(source, (count) => formatCount(count, vscode.env.language));
    // The page takes longer to load than the start of the file, which most look at first.
    const { signal } = this.#ended;
    this.#ahead = this.#model.show('text', 0, 1, signal).catch(() => undefined); // asked for again
  }

  /** What the page says; it may be anything. */
  hear(value: unknown): void {
    const message = readPageMessage(value);
    if (message === undefined) {
      // It may be a wish that is out of bounds, which the page waits to see granted.
      this.#idle('', false);
      return;
    }
    switch (message.type) {
      case 'ready':
        this.send({ type: 'begin', words: peekWords(), size: this.source.size });
        return;
      case 'cancel':
        this.#task?.abort();
        return;
      default:
        void this.#answer(message);
    }
  }

  dispose(): void {
    this.#ended.abort();
    this.#task?.abort();
  }

  async #answer(message: LookMessage): Promise<void> {
    // The page asks again only when it is answered: what is under way now was asked for before a reload.
    this.#task?.abort();
    const task = new AbortController();
    this.#task = task;
    try {
      if (this.#isFirst) await this.#ahead;
      this.#isFirst = false;
      const found = await this.#look(message, task.signal);
      if (task !== this.#task) return;
      if (found instanceof NothingToShow) this.#idle(found.words, false);
      else this.#show(message, found);
    } catch (thrown) {
      if (task !== this.#task) return;
      const error = PeerError.from(thrown);
      if (task.signal.aborted) this.#idle(vscode.l10n.t('Cancelled.'), false);
      else this.#idle(visibleText(errorWords(error).join(' ')), true);
    } finally {
      if (task === this.#task) this.#task = undefined;
    }
  }

  async #look(message: LookMessage, signal: AbortSignal): Promise<Screen | NothingToShow> {
    const { mode, rows } = message;
    switch (message.type) {
      case 'show': {
        const at = Math.min(message.at, Math.max(0, this.#model.size - 1));
        return await this.#model.show(mode, at, rows, signal);
      }
      case 'move':
        return await this.#model.move(mode, message.top, message.by, rows, signal);
      case 'tail':
        return await this.#model.tail(mode, rows, signal);
      case 'go':
        return message.to === 'offset'
          ? await this.#goToOffset(message, signal)
          : await this.#goToLine(message, signal);
      case 'find':
        return await this.#find(message, signal);
    }
  }

  async #goToOffset(
    { mode, rows, text }: Extract<LookMessage, { type: 'go' }>,
    signal: AbortSignal,
  ): Promise<Screen | NothingToShow> {
    const at = parseOffset(text, this.#model.size);
    if (at === undefined) {
      return new NothingToShow(
        vscode.l10n.t('This is no offset. Write a number, such as 4096, 0x1000 or 50%.'),
      );
    }
    return await this.#model.show(mode, at, rows, signal);
  }

  async #goToLine(
    { mode, rows, text }: Extract<LookMessage, { type: 'go' }>,
    signal: AbortSignal,
  ): Promise<Screen | NothingToShow> {
    const line = parseLine(text);
    if (line === undefined) {
      return new NothingToShow(vscode.l10n.t('This is no line. Write a number from 1 on.'));
    }
    const start = await this.#model.lineStart(
      line,
      signal,
      this.#progress(vscode.l10n.t('Counting lines…')),
    );
    if (start === null) {
      return new NothingToShow(vscode.l10n.t('The file has no line {0}.', this.#count(line)));
    }
    return await this.#model.show(mode, start, rows, signal);
  }

  async #find(
    what: Extract<LookMessage, { type: 'find' }>,
    signal: AbortSignal,
  ): Promise<Screen | NothingToShow> {
    const { mode, rows, text, matchCase, from } = what;
    const pattern = what.bytes ? bytesPattern(text) : textPattern(text, matchCase);
    if (pattern === undefined) {
      return new NothingToShow(
        what.bytes
          ? vscode.l10n.t(
              'These are no bytes. Write two hexadecimal digits for each, such as 1f 8b.',
            )
          : vscode.l10n.t('Write what to look for, in 4,096 bytes or fewer.'),
      );
    }
    const progress = this.#progress(vscode.l10n.t('Searching…'));
    const hit = await this.#model.find(pattern, from, signal, progress);
    if (hit !== null) return await this.#model.showHit(mode, hit, rows, signal);
    return new NothingToShow(
      from === 0
        ? vscode.l10n.t('Not found.')
        : vscode.l10n.t('Not found from here to the end. Go to the start to look at all of it.'),
    );
  }

  #show({ mode }: LookMessage, { rows, top, end }: Screen): void {
    const { hit } = this.#model;
    const [place, cost] = [this.#place(top, end), this.#cost()];
    this.send({ type: 'rows', mode, rows, top, end, place, cost, hit });
  }

  #place(top: number, end: number): string {
    const { size } = this.#model;
    return vscode.l10n.t(
      'Bytes {0}–{1} of {2} ({3}%)',
      this.#count(top),
      this.#count(end),
      this.#count(size),
      end >= size ? 100 : percent(top, size),
    );
  }

  #cost(): string {
    const fetched = formatBytes(this.source.fetched);
    return this.source.fetched === 0
      ? vscode.l10n.t(
          'Nothing fetched: it was known here already. Proved: its hashes are those its author signed.',
        )
      : vscode.l10n.t(
          'Fetched {0} for a file of {1}. Proved: its hashes are those its author signed.',
          fetched,
          formatBytes(this.source.size),
        );
  }

  #idle(text: string, isProblem: boolean): void {
    this.send({ type: 'idle', text, isProblem });
  }

  #progress(text: string): OnProgress {
    return (offset) => {
      const now = Date.now();
      if (now - this.#told < progressMs) return;
      this.#told = now;
      const { size } = this.#model;
      const facts = `${String(percent(offset, size))}% · ${formatBytes(offset)}`;
      this.send({ type: 'busy', text: `${text} ${facts}`, done: size === 0 ? 1 : offset / size });
    };
  }

  #count(count: number): string {
    return formatCount(count, vscode.env.language);
  }
}
