import type { GitInfo } from '../../control/contract.js';
import { PeerError } from '../../common/errors.js';
import type { Logger } from '../../common/logger.js';
import type { PeerSession } from '../peerSession.js';

/** Shares of which it is remembered. */
const mostKept = 2_000;
/** Shares of which it is read at once, where nobody looks at one. */
const atOnce = 2;
/** How often news of them are told, milliseconds. */
const tellEvery = 2_000;
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
  #wanted = new Set<string>();
  /** What the files are grouped by at present. */
  #shown: ReadonlySet<string> = new Set();
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
      this.#keep(shareId, answer.git);
      return answer.git;
    } catch (error) {
      this.log.debug(`The state of git could not be read: ${PeerError.from(error).message}`);
      return undefined;
    }
  }

  /**
   * Reads it of all of these, a few at a time; what was asked for before is left, unless it is among these.
   *
   * @param onRead some are known that were not: called now and then, and at the end
   */
  readSoon(shareIds: readonly string[], onRead: () => void): void {
    this.#shown = new Set(shareIds);
    this.#wanted = new Set(shareIds.filter((shareId) => this.#isDue(shareId)));
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
    let toldAt = performance.now();
    let isNews = false;
    for (let next; (next = this.#wanted.values().next().value) !== undefined;) {
      this.#wanted.delete(next);
      if (this.session.attached === undefined) break; // asked again when it is
      this.#tried.set(next, performance.now());
      isNews = (await this.read(next)) !== undefined || isNews;
      if (!isNews || performance.now() - toldAt < tellEvery) continue;
      toldAt = performance.now();
      isNews = false;
      onRead();
    }
    this.#readers -= 1;
    if (isNews) onRead();
  }

  #keep(shareId: string, git: GitInfo | null): void {
    this.#known.set(shareId, git);
    this.#tried.delete(shareId);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= mostKept) return;
      // What is shown would only be read again.
      if (!this.#shown.has(oldest)) this.#known.delete(oldest);
    }
  }
}
