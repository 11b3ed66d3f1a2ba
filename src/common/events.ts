import { toDisposable, type Disposable } from './disposable.js';

/** Subscribes a listener; the result ends the subscription. Shape of `vscode.Event`. */
export type Event<T> = (listener: (value: T) => void) => Disposable;

/** Owner side of an {@link Event}. A listener that throws does not keep the others from being called. */
export class Emitter<T> implements Disposable {
  readonly #listeners = new Set<(value: T) => void>();

  readonly event: Event<T> = (listener) => {
    const own = (value: T): void => {
      listener(value);
    };
    this.#listeners.add(own);
    return toDisposable(() => this.#listeners.delete(own));
  };

  constructor(private readonly onError: (error: unknown) => void = () => undefined) {}

  fire(value: T): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(value);
      } catch (error) {
        this.onError(error);
      }
    }
  }

  dispose(): void {
    this.#listeners.clear();
  }
}
