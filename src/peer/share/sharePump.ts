import { PeerError } from '../../common/errors.js';
import { JobThread } from '../jobs/jobThread.js';
import type { JobThreads } from '../jobs/jobThreads.js';
import type { EncodedMessage, OpenedMessage, SharedMessage } from '../jobs/messages.js';
import { shareLimits } from '../limits.js';

type OnEncoded = (message: EncodedMessage) => void;

/** The reading side of a share: a thread that produces segments while it has credits. */
export class SharePump {
  readonly #thread: JobThread;
  readonly #opened = Promise.withResolvers<OpenedMessage>();
  readonly #shared = Promise.withResolvers<SharedMessage>();
  #onEncoded: OnEncoded = () => undefined;
  /** Where the pieces of a segment lie that is on its way. */
  readonly #slots = new Map<number, number>();

  constructor(threads: JobThreads, input: ConstructorParameters<typeof JobThread>[1]) {
    this.#opened.promise.catch(() => undefined);
    this.#shared.promise.catch(() => undefined);
    this.#thread = new JobThread(threads, input, (message) => {
      if (message.type === 'opened') this.#opened.resolve(message);
      else if (message.type === 'encoded') {
        this.#slots.set(message.segment, message.slot);
        this.#onEncoded(message);
      } else if (message.type === 'shared') this.#shared.resolve(message);
      else if (message.type === 'failed') this.#fail(PeerError.fromInfo(message.error));
    });
  }

  opened(signal: AbortSignal): Promise<OpenedMessage> {
    signal.addEventListener(
      'abort',
      () => {
        this.#fail(new PeerError('cancelled', 'The share was cancelled.'));
      },
      { once: true },
    );
    return this.#opened.promise;
  }

  run(signal: AbortSignal, onEncoded: OnEncoded): Promise<SharedMessage> {
    this.#onEncoded = (message) => {
      if (signal.aborted) return;
      try {
        onEncoded(message);
      } catch (error) {
        this.#fail(PeerError.from(error));
      }
    };
    for (let slot = 0; slot < shareLimits.segmentsInFlight; slot++)
      this.#thread.post({ type: 'more', slot });
    return this.#shared.promise;
  }

  /** This segment has been sent: its memory is free for another one. */
  more(segment: number): void {
    const slot = this.#slots.get(segment);
    if (slot === undefined) return;
    this.#slots.delete(segment);
    this.#thread.post({ type: 'more', slot });
  }

  stop(): Promise<void> {
    return this.#thread.stop();
  }

  #fail(error: PeerError): void {
    this.#opened.reject(error);
    this.#shared.reject(error);
  }
}
