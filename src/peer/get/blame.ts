import type { Logger } from '../../common/logger.js';
import { systemTime, type Time } from '../../common/time.js';
import { blameLimits } from '../limits.js';
import { BoundedMap } from '../../common/boundedMap.js';

interface Past {
  /** Wrong pieces in all; several of one transfer count once. */
  count: number;
  /** By `Time.now()`. */
  shunnedUntil: number;
}

/**
 * Which members gave wrong pieces in this run. One may have a disk that rots; whoever does so again and again is left alone
 * for a while, and for longer each time. It is kept in memory and told to nobody: others find out for themselves.
 */
export class Blame {
  readonly #past = new BoundedMap<string, Past>(blameLimits.members);

  constructor(
    private readonly logger: Logger,
    private readonly time: Time = systemTime,
  ) {}

  /** A member gave a piece that is not the one that was signed. */
  report(nodeId: string): void {
    const { patience, firstMs, lastMs } = blameLimits;
    const past = this.#past.get(nodeId) ?? { count: 0, shunnedUntil: -Infinity };
    past.count += 1;
    this.#past.set(nodeId, past);
    if (past.count < patience) return;
    const ms = Math.min(lastMs, firstMs * 2 ** (past.count - patience));
    past.shunnedUntil = this.time.now() + ms;
    const minutes = Math.round(ms / 60_000);
    this.logger.warn('a member gave wrong pieces again and is shunned', nodeId, minutes, 'minutes');
  }

  /** Whether it is asked for pieces only where nobody else can give them. */
  isShunned(nodeId: string): boolean {
    const past = this.#past.get(nodeId);
    return past !== undefined && this.time.now() < past.shunnedUntil;
  }
}
