import type { Disposable } from '../../common/disposable.js';
import { PeerError } from '../../common/errors.js';
import type { Logger } from '../../common/logger.js';
import { systemTime, type Time } from '../../common/time.js';
import type { GitInfo } from '../../control/contract.js';
import type { PeerSession } from '../peerSession.js';

/** Shares of which it is remembered. */
const mostKept = 2_000;
/** Shares of which it is read at once, where nobody looks at one. */
const atOnce = 2;
/** How often news of them are told, milliseconds. */
const tellEvery = 2_000;
/** After this one that could not be read is tried again, after twice as long each time; milliseconds. */
const againAfter = { first: 2_000, last: 60_000 } as const;
/** Longest that a tooltip waits for it, milliseconds. */
const deadline = 5_000;

/**
 * What was checked out in git where shares were made. It is in the share itself, so that a part of it has to be fetched:
 * only of what the user looks at, and once.
 */
export class GitNotes implements Disposable {
  readonly #known = new Map<string, GitInfo | null>();
  /** What could not be read, how long it waits, and when it is due again. */
  readonly #failed = new Map<string, { readonly waits: number; readonly due: number }>();
  readonly #reading = new Set<string>();
  #wanted = new Set<string>();
  /** What the files are grouped by at present. */
  #shown: ReadonlySet<string> = new Set();
  #onRead: () => void = () => undefined;
  #readers = 0;
  #again: Disposable | undefined;
  #disposed = false;

  constructor(
    private readonly session: Pick<PeerSession, 'attached'>,
    private readonly log: Logger,
    private readonly time: Time = systemTime,
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
      this.log.info(`The state of git could not be read: ${PeerError.from(error).message}`);
      return undefined;
    }
  }

  /**
   * Reads it of all of these, a few at a time, and again of what could not be read; what was asked for before is left,
   * unless it is among these.
   *
   * @param onRead some are known that were not: called now and then, and at the end
   */
  readSoon(shareIds: readonly string[], onRead: () => void): void {
    this.#shown = new Set(shareIds);
    this.#onRead = onRead;
    this.#look();
  }

  dispose(): void {
    this.#disposed = true;
    this.#again?.dispose();
    this.#wanted.clear();
  }

  #look(): void {
    this.#again?.dispose();
    // Asked again when the peer is there.
    if (this.#disposed || this.session.attached === undefined) return;
    const now = this.time.now();
    const due = (shareId: string): number => this.#failed.get(shareId)?.due ?? now;
    const unknown = [...this.#shown].filter((id) => !this.#known.has(id) && !this.#reading.has(id));
    this.#wanted = new Set(unknown.filter((shareId) => due(shareId) <= now));
    while (this.#readers < Math.min(atOnce, this.#wanted.size)) void this.#readWanted();
    const next = Math.min(...unknown.map(due).filter((at) => at > now));
    if (!Number.isFinite(next)) return;
    this.#again = this.time.after(next - now, () => {
      this.#look();
    });
  }

  async #readWanted(): Promise<void> {
    this.#readers += 1;
    let toldAt = this.time.now();
    let isNews = false;
    for (let next; (next = this.#wanted.values().next().value) !== undefined;) {
      this.#wanted.delete(next);
      if (this.session.attached === undefined) break; // none of it has failed: it is asked again when the peer is there
      this.#reading.add(next);
      const git = await this.read(next);
      this.#reading.delete(next);
      if (git === undefined) this.#fail(next);
      else isNews = true;
      if (!isNews || this.time.now() - toldAt < tellEvery) continue;
      toldAt = this.time.now();
      isNews = false;
      this.#tell();
    }
    this.#readers -= 1;
    if (isNews) this.#tell();
    this.#look(); // what failed waits for its time
  }

  #tell(): void {
    if (!this.#disposed) this.#onRead();
  }

  #fail(shareId: string): void {
    const waited = this.#failed.get(shareId)?.waits;
    const waits = waited === undefined ? againAfter.first : Math.min(2 * waited, againAfter.last);
    this.#failed.set(shareId, { waits, due: this.time.now() + waits });
  }

  #keep(shareId: string, git: GitInfo | null): void {
    this.#known.set(shareId, git);
    this.#failed.delete(shareId);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= mostKept) return;
      // What is shown would only be read again.
      if (!this.#shown.has(oldest)) this.#known.delete(oldest);
    }
  }
}
