import type { Disposable } from '../common/disposable.js';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The part of `process` that is needed here. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  off(signal: NodeJS.Signals, listener: () => void): unknown;
  exit(code: number): unknown;
}

/** Ctrl-C and polite kills as an AbortSignal; a second Ctrl-C ends the process at once. */
export class Interrupt implements Disposable {
  readonly #controller = new AbortController();
  readonly #listener = (): void => {
    if (this.#controller.signal.aborted) this.source.exit(130);
    else this.#controller.abort();
  };

  constructor(private readonly source: SignalSource) {
    for (const signal of signals) source.on(signal, this.#listener);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  dispose(): void {
    for (const signal of signals) this.source.off(signal, this.#listener);
  }
}
