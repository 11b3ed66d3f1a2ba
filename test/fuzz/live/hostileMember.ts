import { encodeFrame, FrameKind, type Frame } from '../../../src/protocol/frame.js';
import { encodeMessage, type RequestMessage } from '../../../src/protocol/messages.js';
import type { Identity } from '../../../src/net/identity.js';
import { pause, RawLink } from './rawLink.js';
import type { World } from './world.js';

const welcomeMs = 10_000;

/** A member that was let in, and keeps to no rule from then on. */
export class HostileMember {
  #lastId = 1;
  /** Requests of this end that are open. */
  readonly open = new Set<number>();
  /** Answers what the peer asks: politely unless told; without one, the peer is left to wait. */
  onAsked: (frame: Frame) => void = (frame) => {
    this.link.write(...encodeFrame(FrameKind.response, frame.id, politeAnswer(frame)));
  };
  onAnswer: () => void = () => undefined;

  private constructor(
    readonly link: RawLink,
    readonly identity: Identity,
  ) {
    link.onFrame = (frame) => {
      if (frame.kind === FrameKind.request) this.onAsked(frame);
      if (frame.kind !== FrameKind.response && frame.kind !== FrameKind.error) return;
      this.open.delete(frame.id);
      this.onAnswer();
    };
  }

  /** Null when it is not let in. */
  static async enter(
    { address, groupId }: Pick<World, 'address' | 'groupId'>,
    identity: Identity,
    localAddress: string,
  ): Promise<HostileMember | null> {
    const { certificate: cert, privateKey: key } = identity;
    const link = await RawLink.tls(address, localAddress, { cert, key });
    if (link === null) return null;
    const member = new HostileMember(link, identity);
    const welcome = new Promise<void>((resolve) => {
      member.onAnswer = resolve;
    });
    member.ask({
      ...{ t: 'hello', versions: [1, 1], group: groupId, chain: [] },
      ...{ addresses: ['127.0.0.1:1'], stays: false },
    });
    await Promise.race([welcome, link.closed, pause(welcomeMs)]);
    member.onAnswer = () => undefined;
    if (!link.isClosed && member.open.size === 0) return member;
    link.destroy();
    return null;
  }

  ask(message: RequestMessage, body?: Uint8Array): number {
    return this.askBytes(encodeMessage(message), body);
  }

  askBytes(message: Uint8Array, body?: Uint8Array): number {
    const id = ++this.#lastId;
    this.open.add(id);
    this.link.write(...encodeFrame(FrameKind.request, id, message, body));
    return id;
  }

  /** Resolves when no more than `most` requests are open, the link is closed, or the time is over. */
  async answered(most: number, ms: number): Promise<void> {
    if (this.open.size <= most) return;
    const enough = new Promise<void>((resolve) => {
      this.onAnswer = () => {
        if (this.open.size <= most) resolve();
      };
    });
    await Promise.race([enough, this.link.closed, pause(ms)]);
  }
}

/** Nothing new, nobody met: enough to be left in peace. */
export function politeAnswer({ message }: Frame): Uint8Array {
  const text = Buffer.from(message).toString('latin1');
  if (text.includes('sync')) {
    return encodeMessage({ t: 'entries', epoch: 'e', last: 0, more: false, entries: [] });
  }
  if (text.includes('contacts')) return encodeMessage({ t: 'contacts', contacts: [] });
  return encodeMessage({ t: 'pong' });
}
