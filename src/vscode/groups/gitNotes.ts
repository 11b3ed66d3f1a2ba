import type { GitInfo } from '../../control/contract.js';
import { PeerError } from '../../common/errors.js';
import type { Logger } from '../../common/logger.js';
import type { PeerSession } from '../peerSession.js';

/** Shares of which it is remembered. */
const mostKept = 2_000;
/** Shares of which it is read at once, where nobody looks at one. */
const atOnce = 4;
/** One that could not be read is not tried again before, unless somebody looks at it; milliseconds. */
const againAfter = 60_000;
/** Longest that a tooltip waits for it, milliseconds. */
const deadline = 5_000;

/**
 * What was checked out in git where shares were made. It is in the share itself, so that a part of it has to be fetched:
 * only of what the user looks at, and once.
 */
export class GitNotes {
  readonly #known = new Map<string, GitInfo | null>();
  /** When shares were asked for that are not known yet, by `performance.now()`. */
  readonly #tried = new Map<string, number>();
  readonly #wanted = new Set<string>();
  #readers = 0;

  constructor(
    private readonly session: Pick<PeerSession, 'attached'>,
    private readonly log: Logger,
  ) {}

  /** Null for none, undefined while it is not known. */
  of(shareId: string): GitInfo | null | undefined {
    return this.#known.get(shareId);
  }

  /** Undefined when it cannot be read now. */
  async read(shareId: string): Promise<GitInfo | null | undefined> {
    const known = this.#known.get(shareId);
    if (known !== undefined) return known;
    try {
      const params = { share: shareId, cursor: null, limit: 1 };
      const signal = AbortSignal.timeout(deadline);
      const answer = await this.session.attached?.request('entries', params, signal);
      if (answer === undefined) return undefined;
      const oldest = this.#known.keys().next().value;
      if (this.#known.size >= mostKept && oldest !== undefined) this.#known.delete(oldest);
      this.#known.set(shareId, answer.git);
      return answer.git;
    } catch (error) {
      this.log.debug(`The state of git could not be read: ${PeerError.from(error).message}`);
      return undefined;
    }
  }

  /** Reads it of all of these, a few at a time, the last that were asked for only. @param onRead called after each */
  readSoon(shareIds: readonly string[], onRead: () => void): void {
    this.#wanted.clear();
    for (const shareId of shareIds) if (this.#isDue(shareId)) this.#wanted.add(shareId);
    while (this.#readers < Math.min(atOnce, this.#wanted.size)) void this.#readWanted(onRead);
  }

  #isDue(shareId: string): boolean {
    const tried = this.#tried.get(shareId);
    return (
      !this.#known.has(shareId) && (tried === undefined || performance.now() - tried > againAfter)
    );
  }

  async #readWanted(onRead: () => void): Promise<void> {
    this.#readers += 1;
    try {
      for (const shareId of this.#wanted) {
        this.#wanted.delete(shareId);
        this.#tried.set(shareId, performance.now());
        if ((await this.read(shareId)) === undefined) continue;
        this.#tried.delete(shareId);
        onRead();
      }
    } finally {
      this.#readers -= 1;
    }
  }
}
