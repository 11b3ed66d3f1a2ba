import type { PeerRisk } from '../../control/contract.js';
import { DisposableStore, type Disposable } from '../../common/disposable.js';
import { PeerError } from '../../common/errors.js';
import { Emitter } from '../../common/events.js';
import type { Logger } from '../../common/logger.js';
import type { PeerSession } from '../peerSession.js';

/** Of many thousands of shares it may take a while: rows do not wait for it. */
const deadline = 60_000;

/** What hangs on which peer, asked for beside everything else. */
export class RiskWatch implements Disposable {
  readonly #parts = new DisposableStore();
  readonly #changed = this.#parts.add(new Emitter<void>());
  readonly onDidChange = this.#changed.event;
  #risks: ReadonlyMap<string, PeerRisk> = new Map();
  #text = '[]';
  #looking = false;
  #again = false;

  constructor(
    private readonly session: PeerSession,
    private readonly log: Logger,
  ) {
    this.#parts.add(
      session.onDidChangeState((state) => {
        if (state !== 'running') this.#take([]);
      }),
    );
  }

  /** Undefined where nothing hangs on it, and until that is known. */
  of(nodeId: string): PeerRisk | undefined {
    return this.#risks.get(nodeId);
  }

  /** Asks again, unless somebody does: then once more after that. */
  look(): void {
    this.#again = true;
    if (!this.#looking) void this.#look();
  }

  dispose(): void {
    this.#parts.dispose();
  }

  async #look(): Promise<void> {
    this.#looking = true;
    try {
      while (this.#again && !this.#parts.disposed) {
        this.#again = false;
        const client = this.session.attached;
        if (client === undefined) return;
        const { peers } = await client.request('risk', null, AbortSignal.timeout(deadline));
        if (client === this.session.attached) this.#take(peers);
      }
    } catch (error) {
      this.log.debug(`Could not ask for risks: ${PeerError.from(error).message}`);
    } finally {
      this.#looking = false;
    }
  }

  #take(risks: readonly PeerRisk[]): void {
    const text = JSON.stringify([...risks].sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1)));
    if (text === this.#text) return;
    this.#text = text;
    this.#risks = new Map(risks.map((risk) => [risk.nodeId, risk]));
    this.#changed.fire();
  }
}
