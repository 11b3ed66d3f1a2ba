import { mostRows, type Look, type LookMessage, type PageMessage } from '../../peek/messages.js';

/** Milliseconds after which it is said that an answer is waited for. */
const quietFor = 300;

/** Without how the file is shown, which is added when it is sent. */
export type Wish = LookMessage extends infer One
  ? One extends LookMessage
    ? Omit<One, keyof Look>
    : never
  : never;

/**
 * Asks for one screen at a time: while one is awaited, only the newest wish waits, and steps are added up, so that a key
 * that is held down asks no more often than it is answered.
 */
export class Asker {
  #waiting: Wish | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isAsking = false;

  /**
   * @param look how the file is shown now
   * @param top offset of the first row that is shown now
   * @param onSlow an answer takes long
   */
  constructor(
    private readonly send: (message: PageMessage) => void,
    private readonly look: () => Look,
    private readonly top: () => number,
    private readonly onSlow: () => void,
  ) {}

  ask(wish: Wish): void {
    if (!this.#isAsking) {
      this.#send(wish);
      return;
    }
    const before = this.#waiting;
    const isStep = before?.type === 'move' && wish.type === 'move';
    this.#waiting = isStep ? { ...wish, by: before.by + wish.by } : wish;
  }

  /** Ends what is under way, and forgets what waits. */
  cancel(): void {
    this.#waiting = undefined;
    if (this.#isAsking) this.send({ type: 'cancel' });
  }

  /** The answer is there, and shown. */
  answered(): void {
    clearTimeout(this.#timer);
    this.#isAsking = false;
    const next = this.#waiting;
    this.#waiting = undefined;
    if (next !== undefined) this.#send(next);
  }

  #send(wish: Wish): void {
    this.#isAsking = true;
    this.#timer = setTimeout(this.onSlow, quietFor);
    // Steps count from what is seen, not from what was seen when the key was pressed.
    const now = wish.type === 'move' ? { ...wish, by: bounded(wish.by), top: this.top() } : wish;
    this.send({ ...now, ...this.look() });
  }
}

/** No further than the extension goes at once. */
function bounded(by: number): number {
  return Math.max(-mostRows, Math.min(mostRows, by));
}
