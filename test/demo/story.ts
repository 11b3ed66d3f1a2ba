import pc from 'picocolors';

type Sink = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** How the demo talks: chapters, commands as they would be typed, and their output. */
export class Story {
  readonly #paint: ReturnType<typeof pc.createColors>;
  readonly #colored: boolean;
  #progressShown = false;

  constructor(
    private readonly sink: Sink,
    env: Readonly<Record<string, string | undefined>>,
  ) {
    this.#colored = sink.isTTY === true && (env['NO_COLOR'] ?? '') === '';
    this.#paint = pc.createColors(this.#colored);
  }

  /** Lets the commands that are shown colour their output as the demo does. */
  get childEnvironment(): Readonly<Record<string, string>> {
    return this.#colored ? { FORCE_COLOR: '1', NO_COLOR: '' } : {};
  }

  title(text: string): void {
    this.#line(`\n${this.#paint.bold(text)}\n${'═'.repeat(text.length)}`);
  }

  chapter(number: number, text: string): void {
    this.#line(`\n${this.#paint.bold(this.#paint.cyan(`${String(number)}. ${text}`))}`);
  }

  say(text: string): void {
    this.#line(`   ${text}`);
  }

  command(text: string, machine: string): void {
    this.#line(`   ${this.#paint.dim(`${machine} $`)} ${this.#paint.yellow(text)}`);
  }

  output(text: string): void {
    for (const line of text.trimEnd().split('\n')) this.#line(`   ${this.#paint.dim('│')} ${line}`);
  }

  done(text: string): void {
    this.#line(`   ${this.#paint.green('✔')} ${text}`);
  }

  fail(text: string): void {
    this.#line(`   ${this.#paint.red('✘')} ${text}`);
  }

  progress(done: number, total: number): void {
    if (this.sink.isTTY !== true) return;
    const share = total > 0 ? done / total : 1;
    const filled = Math.round(share * 40);
    const bar = '█'.repeat(filled) + '░'.repeat(40 - filled);
    this.sink.write(`\r\u001b[K   ${bar} ${String(Math.floor(share * 100))}%`);
    this.#progressShown = true;
  }

  size(bytes: number): string {
    return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
  }

  /** Time since a value of `performance.now()`. */
  seconds(since: number): string {
    return `${((performance.now() - since) / 1000).toFixed(1)} s`;
  }

  #line(text: string): void {
    if (this.#progressShown) this.sink.write('\r\u001b[K');
    this.#progressShown = false;
    this.sink.write(`${text}\n`);
  }
}
