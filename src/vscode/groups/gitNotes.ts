import type { GitInfo } from '../../control/contract.js';
import { PeerError } from '../../common/errors.js';
import type { Logger } from '../../common/logger.js';
import type { PeerSession } from '../peerSession.js';

/** Shares of which it is remembered. */
const mostKept = 2_000;
/** Longest that a tooltip waits for it, milliseconds. */
const deadline = 5_000;

/**
 * What was checked out in git where shares were made. It is in the share itself, so that a part of it has to be fetched:
 * only of what the user looks at, and once.
 */
export class GitNotes {
  readonly #known = new Map<string, GitInfo | null>();

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
}
