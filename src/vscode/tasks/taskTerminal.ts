import * as vscode from 'vscode';
import { PeerError } from '../../common/errors.js';
import { errorWords } from '../errorWords.js';
import { visibleText } from '../visibleText.js';

const exitCodes = { ok: 0, failed: 1, interrupted: 130 } as const;
const ctrlC = '\u0003';
const clearLine = '\r\u001b[2K';

/** What a task says while it runs. Texts are shown escaped, so that names of others cannot move the cursor. */
export interface TaskOutput {
  line(text: string): void;
  /** Replaces the line of progress before. */
  progress(text: string): void;
}

/** Runs a task in a terminal that is none: words, progress, Ctrl+C, and an exit code. */
export class TaskTerminal implements vscode.Pseudoterminal {
  readonly #written = new vscode.EventEmitter<string>();
  readonly #closed = new vscode.EventEmitter<number>();
  readonly onDidWrite = this.#written.event;
  readonly onDidClose = this.#closed.event;
  readonly #abort = new AbortController();

  /** @param run resolves when it is done; what it throws is told */
  constructor(private readonly run: (output: TaskOutput, signal: AbortSignal) => Promise<void>) {}

  open(): void {
    void this.#run();
  }

  close(): void {
    this.#abort.abort();
  }

  handleInput(data: string): void {
    if (data.includes(ctrlC)) this.#abort.abort();
  }

  async #run(): Promise<void> {
    const output: TaskOutput = {
      line: (text) => {
        this.#written.fire(`${clearLine}${visibleText(text)}\r\n`);
      },
      progress: (text) => {
        this.#written.fire(`${clearLine}${visibleText(text)}`);
      },
    };
    try {
      await this.run(output, this.#abort.signal);
      this.#closed.fire(exitCodes.ok);
    } catch (thrown) {
      const error = PeerError.from(thrown);
      const isInterrupted = this.#abort.signal.aborted || error.code === 'cancelled';
      if (isInterrupted) output.line(vscode.l10n.t('Cancelled. Nothing was left half done.'));
      else for (const words of errorWords(error)) output.line(words);
      this.#closed.fire(isInterrupted ? exitCodes.interrupted : exitCodes.failed);
    }
  }
}
