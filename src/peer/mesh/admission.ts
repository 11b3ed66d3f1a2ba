import { Budget } from '../../common/budget.js';
import { toHex } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import type { Logger } from '../../common/logger.js';
import type { Time } from '../../common/time.js';
import type { Connection } from '../../net/connection.js';
import type { Link } from '../../net/transport.js';
import { meshLimits } from '../limits.js';
import type { Membership } from '../membership/membership.js';
import {
  decide,
  farewell,
  refusal,
  type Farewell,
  type Greeting,
  type Introduction,
} from './handshake.js';

export interface AdmissionOptions {
  readonly membership: Membership;
  readonly logger: Logger;
  readonly time: Time;
  /** What this peer says of itself. */
  readonly greeting: () => Greeting;
  /** The connection that there is to a member, and which side dialled it. */
  readonly online: (
    nodeId: string,
  ) => { readonly connection: Connection; readonly dialledBy: string } | undefined;
}

/** The answer to a greeting that is let in. */
export interface Welcome extends Greeting {
  readonly t: 'welcome';
  readonly version: number;
  readonly chain: readonly Uint8Array[];
}

/** Listener's side: who of those that call is let in, and what the others are told. */
export class Admission {
  /** By member: how often it may yet connect. */
  readonly #calls = new Map<string, Budget>();

  constructor(private readonly options: AdmissionOptions) {}

  /** @throws PeerError `not-trusted`, `unsupported`, `limit`, `in-use`: see {@link refuse} */
  async admit({ nodeId }: Pick<Link, 'nodeId'>, hello: Introduction): Promise<Welcome> {
    const { membership, greeting } = this.options;
    const version = await decide({ nodeId }, hello, membership);
    if (!this.#callsOf(nodeId).take()) {
      throw new PeerError('limit', 'This peer connects too often.');
    }
    if (await this.#isElsewhere(nodeId)) {
      throw new PeerError(
        'in-use',
        'A peer with the same data directory, or a copy, runs already.',
      );
    }
    return { t: 'welcome', version, chain: membership.ownChain(), ...greeting() };
  }

  /** The answer to one that is not let in: a member of once hears why, all others nothing that they could use. @throws PeerError */
  refuse(link: Link, hello: Introduction, reason: unknown): Farewell {
    const { membership, logger } = this.options;
    logger.info('refused', link.remoteAddress, PeerError.from(reason).code);
    const records = farewell(membership, link.nodeId);
    if (records !== undefined && toHex(hello.group) === membership.groupId) return records;
    throw PeerError.is(reason, 'unsupported', 'limit', 'in-use') ? reason : refusal();
  }

  /**
   * Whether somebody who calls with the key of a member is one too many: the member is connected, and answers. A connection
   * that is dead, and only this side has not noticed, does not. Of two ends that dial at once, one is refused so, and has the
   * other connection.
   */
  async #isElsewhere(nodeId: string): Promise<boolean> {
    const { time, logger, online } = this.options;
    const rival = online(nodeId);
    if (rival === undefined) return false;
    const late = Promise.withResolvers<false>();
    const timer = time.after(meshLimits.aliveMs, () => {
      late.resolve(false);
    });
    const answer = rival.connection.request({ t: 'ping' }).then(
      () => true,
      () => false,
    );
    const isThere = await Promise.race([answer, late.promise]);
    timer.dispose();
    // Whoever is connected by its own call does not call again.
    if (isThere && rival.dialledBy === nodeId) logger.warn('a member runs twice', nodeId);
    return isThere;
  }

  #callsOf(nodeId: string): Budget {
    let budget = this.#calls.get(nodeId);
    if (budget === undefined) {
      budget = new Budget(meshLimits.calls, this.options.time);
      this.#calls.set(nodeId, budget);
    }
    return budget;
  }
}
