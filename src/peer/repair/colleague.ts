import { fromHex } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import type { Connection } from '../../net/connection.js';
import { repairLimits } from '../limits.js';

/** How far a member is with a shard that it was asked to take. */
export interface Taking {
  /** Bytes of pieces that are there, and of all. */
  readonly done: number;
  readonly total: number;
  /** Its signed promise, once it holds the shard. */
  readonly receipt: Uint8Array | null;
}

/** A member, here or elsewhere, in what the healing of shares asks of it. */
export interface Colleague {
  readonly nodeId: string;
  /** Asks it to hold a shard, or how far it is with that. @param now somebody waits for it */
  take(shareId: string, shard: number, now: boolean, signal?: AbortSignal): Promise<Taking>;
  /** Tells it that this peer relies on its copy of a shard. @returns its word of this moment, and a piece */
  rely(
    shareId: string,
    shard: number,
    segment: number,
    signal?: AbortSignal,
  ): Promise<{ readonly receipt: Uint8Array; readonly piece: Uint8Array }>;
}

/** A member behind whichever connection there is to it at the moment. */
export class RemoteColleague implements Colleague {
  constructor(
    readonly nodeId: string,
    private readonly current: () => Connection | undefined,
  ) {}

  async take(shareId: string, shard: number, now: boolean, signal?: AbortSignal): Promise<Taking> {
    const { message } = await this.#connection.request(
      { t: 'take', share: fromHex(shareId), shard, now },
      { timeoutMs: repairLimits.answerMs, ...(signal && { signal }) },
    );
    return message;
  }

  async rely(
    shareId: string,
    shard: number,
    segment: number,
    signal?: AbortSignal,
  ): Promise<{ readonly receipt: Uint8Array; readonly piece: Uint8Array }> {
    const { message, body } = await this.#connection.request(
      { t: 'rely', share: fromHex(shareId), shard, segment },
      { timeoutMs: repairLimits.answerMs, ...(signal && { signal }) },
    );
    const piece = body.bytes.slice();
    body.release();
    return { receipt: message.bytes, piece };
  }

  get #connection(): Connection {
    const connection = this.current();
    if (connection === undefined) throw new PeerError('closed', 'This peer is not connected.');
    return connection;
  }
}
