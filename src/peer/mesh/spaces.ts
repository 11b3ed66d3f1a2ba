import type { Connection } from '../../net/connection.js';
import { meshLimits } from '../limits.js';

/** Room that a peer lends to others, bytes; null for as much as its disk has. */
export interface Space {
  readonly lends: number | null;
  readonly used: number;
}

/** What other peers say that they lend. */
export class Spaces {
  /** By connection: who comes back may have changed its mind. */
  readonly #known = new WeakMap<
    Connection,
    { readonly at: number; readonly space: Space | null }
  >();

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** By node id, of those who answer; asked anew when the last answer is old. */
  async of(
    peers: readonly { readonly nodeId: string; readonly connection: Connection }[],
  ): Promise<ReadonlyMap<string, Space>> {
    const found = new Map<string, Space>();
    await Promise.all(
      peers.map(async ({ nodeId, connection }) => {
        const known = this.#known.get(connection);
        const fresh = known !== undefined && this.now() - known.at < meshLimits.spaceFreshMs;
        const space = fresh ? known.space : await ask(connection);
        if (!fresh) this.#known.set(connection, { at: this.now(), space });
        if (space !== null) found.set(nodeId, space);
      }),
    );
    return found;
  }
}

/** Null for one that does not answer, or does not know the question. */
async function ask(connection: Connection): Promise<Space | null> {
  try {
    const { message } = await connection.request({ t: 'space' }, { timeoutMs: meshLimits.spaceMs });
    return { lends: message.lends, used: message.used };
  } catch {
    return null;
  }
}
