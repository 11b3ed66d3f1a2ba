import pc from 'picocolors';
import * as z from 'zod';
import type { PeerError } from '../common/errors.js';
import { visible } from '../common/visible.js';
import type { TransferInfo } from '../control/contract.js';
import type { TextSink } from './deps.js';
import { progressText } from './progressText.js';
import { fit } from './text.js';

export type Colors = ReturnType<typeof pc.createColors>;

export interface OutputOptions {
  readonly json: boolean;
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * The one way out for a verb. For people: data on stdout, everything else on stderr, progress only on a
 * terminal. For programs (`--json`): one JSON object a line on stdout, the last one the result or the error.
 */
export class Output {
  readonly json: boolean;
  /** Colours of stdout; they return the text unchanged where none are wanted. */
  readonly colors: Colors;
  readonly #errorColors: Colors;
  #progressShown = false;

  constructor(private readonly options: OutputOptions) {
    this.json = options.json;
    this.colors = pc.createColors(!options.json && wantsColor(options.stdout, options.env));
    this.#errorColors = pc.createColors(wantsColor(options.stderr, options.env));
  }

  /** A step, for programs only. */
  event(event: string, fields: object): void {
    if (this.json) this.#writeJson({ event, ...fields });
  }

  /** Many of one kind, in one write. */
  events(event: string, all: readonly object[]): void {
    if (!this.json || all.length === 0) return;
    const lines = all.map((fields) => JSON.stringify({ event, ...fields }));
    this.options.stdout.write(`${lines.join('\n')}\n`);
  }

  /** A warning or advice, on stderr. Programs get it as an event. */
  note(text: string): void {
    if (this.json) this.event('note', { message: text });
    else this.#writeError(`${text}\n`);
  }

  /** A line of data for people. */
  line(text = ''): void {
    if (this.json) return;
    this.clearProgress();
    this.options.stdout.write(`${text}\n`);
  }

  /** Many lines of data for people, in one write. */
  lines(texts: readonly string[]): void {
    if (this.json || texts.length === 0) return;
    this.clearProgress();
    this.options.stdout.write(`${texts.join('\n')}\n`);
  }

  /** Resolves once the reader of stdout has kept up, or has gone: what is long must not pile up here. */
  async drained(signal: AbortSignal): Promise<void> {
    const { stdout } = this.options;
    if (stdout.writableNeedDrain !== true || signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<null>();
    const events = ['drain', 'close', 'error'] as const;
    const done = (): void => {
      resolve(null);
    };
    for (const event of events) stdout.once?.(event, done);
    signal.addEventListener('abort', done, { once: true });
    await promise;
    for (const event of events) stdout.off?.(event, done);
    signal.removeEventListener('abort', done);
  }

  /** The end: one object for programs, lines for people. */
  result(fields: object, lines: readonly string[]): void {
    this.clearProgress();
    if (this.json) this.#writeJson({ event: 'result', ...fields });
    else for (const line of lines) this.line(line);
  }

  progress(info: TransferInfo): void {
    if (this.json) {
      this.event('progress', info);
      return;
    }
    const { stderr } = this.options;
    if (stderr.isTTY !== true) return;
    stderr.write(`\r\u001b[K${fit(progressText(info), (stderr.columns ?? 80) - 1)}`);
    this.#progressShown = true;
  }

  clearProgress(): void {
    if (!this.#progressShown) return;
    this.#progressShown = false;
    this.options.stderr.write('\r\u001b[K');
  }

  /** Why it failed and what to do about it. */
  fail(error: PeerError): void {
    if (this.json) {
      const { code, message, hint, details } = error;
      this.#writeJson({ event: 'error', code, message, hint, details });
      return;
    }
    const paint = this.#errorColors;
    this.#writeError(`${paint.red('error:')} ${visible(error.message)}\n`);
    for (const choice of choicesOf(error)) this.#writeError(`  ${choice}\n`);
    if (error.hint !== undefined) this.#writeError(`${visible(error.hint)}\n`);
  }

  #writeError(text: string): void {
    this.clearProgress();
    this.options.stderr.write(text);
  }

  #writeJson(value: object): void {
    this.options.stdout.write(`${JSON.stringify(value)}\n`);
  }
}

/** https://no-color.org, and FORCE_COLOR as most tools read it. */
function wantsColor(sink: TextSink, env: OutputOptions['env']): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  const force = env['FORCE_COLOR'] ?? '';
  if (force !== '') return force !== '0';
  return sink.isTTY === true && env['TERM'] !== 'dumb';
}

const choicesSchema = z.object({
  choices: z.array(
    z.object({
      shareId: z.string(),
      name: z.string(),
      authorName: z.string(),
      createdAt: z.number(),
    }),
  ),
});

/** The shares that an ambiguous name may mean, one a line, id first so that it can be pasted. */
function choicesOf(error: PeerError): string[] {
  const parsed = choicesSchema.safeParse(error.details);
  if (!parsed.success) return [];
  return parsed.data.choices.map((choice) => {
    const time = new Date(choice.createdAt);
    const when = Number.isNaN(time.valueOf())
      ? ''
      : time.toISOString().slice(0, 16).replace('T', ' ');
    return `${choice.shareId}  ${visible(choice.name)}  by ${visible(choice.authorName)}  ${when}`;
  });
}
