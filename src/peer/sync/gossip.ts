import { within } from '../../common/time.js';
import type { Connection } from '../../net/connection.js';
import { peerLimits } from '../limits.js';
import type { Membership } from '../membership/membership.js';
import type { Mesh } from '../mesh/mesh.js';
import type { Nearby } from '../mesh/nearby.js';
import type { NewsFirst } from '../serve/newsFirst.js';
import type { AntiEntropy } from './antiEntropy.js';

export interface GossipOptions {
  readonly mesh: Mesh;
  readonly membership: Membership;
  readonly antiEntropy: AntiEntropy;
  readonly newsFirst: NewsFirst;
  readonly nearby: Nearby | undefined;
}

/** When members hear from each other: at once when they meet, and whenever one of them says that it has news. */
export class Gossip {
  #settled: Promise<void> | undefined;

  constructor(private readonly options: GossipOptions) {
    const { mesh, newsFirst } = options;
    mesh.onDidConnect(({ nodeId, connection }) => {
      newsFirst.hear(nodeId, this.#hear(connection));
      this.tellAll(); // others may not know where the newcomer is
    });
    mesh.onNews(({ connection }) => {
      void this.#hear(connection);
    });
  }

  /** Says to everybody who is connected that there is something to ask for. */
  tellAll(): void {
    for (const { connection } of this.options.mesh.online()) {
      connection.notify({ t: 'news', last: 0 });
    }
  }

  /** Resolves when everybody who can be reached was, and their news were taken over; after 5 s in any case. */
  async settled(): Promise<void> {
    this.#settled ??= this.#settle();
    await this.#settled;
  }

  /** Among them may be members, and addresses, that were not known before. */
  async #hear(connection: Connection): Promise<void> {
    const { mesh, antiEntropy } = this.options;
    await antiEntropy.pull(connection);
    mesh.refresh();
  }

  async #settle(): Promise<void> {
    const timeout = new AbortController();
    await within(peerLimits.settleMs, this.#meetAll(timeout.signal));
    timeout.abort();
  }

  async #meetAll(signal: AbortSignal): Promise<void> {
    const { mesh, membership, antiEntropy, nearby } = this.options;
    await mesh.connectAll(signal);
    const missing =
      membership.hasGroup && mesh.online().length < membership.roster.members.size - 1;
    if (missing) await nearby?.answered();
    await Promise.all(mesh.online().map(({ connection }) => antiEntropy.pull(connection)));
    // The first pull may have named peers that were not known before.
    await mesh.connectAll(signal);
  }
}
