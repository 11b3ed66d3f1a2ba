import { fromHex } from '../../../src/common/bytes.js';
import { loadIdentity, type Identity } from '../../../src/net/identity.js';
import { encodeFrame, FrameKind } from '../../../src/protocol/frame.js';
import { encodeMessage, type RequestMessage } from '../../../src/protocol/messages.js';
import { politeAnswer } from '../../fuzz/live/hostileMember.js';
import { RawLink } from '../../fuzz/live/rawLink.js';
import type { TestGroup, TestPeer } from '../../support/peers.js';

export interface RawAnswer {
  readonly kind: FrameKind;
  readonly message: Buffer;
  readonly body: Buffer;
}

export interface RawQuestion {
  readonly message: RequestMessage;
  readonly body?: Uint8Array;
}

/** How the bytes of requests are given to the connection. */
export type Writer = (link: RawLink, bytes: Buffer) => void;

/** The key of a new member of the group, of whom there is nothing else. */
export async function newKey(group: TestGroup, name: string): Promise<Identity> {
  const { dataDir } = await group.join(name);
  return await loadIdentity(dataDir);
}

/** A member that is a key and a connection, and writes its requests as it is told to. */
export class Asker {
  #lastId = 0;
  readonly #waiting = new Map<number, (answer: RawAnswer) => void>();

  private constructor(
    readonly link: RawLink,
    readonly groupId: Uint8Array,
    private readonly writer: Writer,
  ) {
    link.onFrame = ({ kind, id, message, body }) => {
      if (kind === FrameKind.request) {
        const answer = politeAnswer({ kind, id, message, body });
        link.write(...encodeFrame(FrameKind.response, id, answer));
      }
      if (kind === FrameKind.response || kind === FrameKind.error) {
        this.#waiting.get(id)?.({
          kind,
          message: Buffer.from(message),
          body: Buffer.from(body.bytes),
        });
        this.#waiting.delete(id);
      }
      body.release();
    };
  }

  /** Connects and is admitted. @throws Error when it is not let in */
  static async enter(peer: TestPeer, identity: Identity, writer: Writer = plain): Promise<Asker> {
    const { self } = await (await peer.client()).request('status', null);
    const { certificate: cert, privateKey: key } = identity;
    const link = await RawLink.tls(peer.address, '127.0.0.1', { cert, key });
    if (self === null || link === null) throw new Error(`${peer.name} lets nobody in`);
    const asker = new Asker(link, fromHex(self.groupId), writer);
    const hello = { t: 'hello', versions: [1, 1], group: asker.groupId, chain: [] } as const;
    const [welcome] = await asker.ask([
      { message: { ...hello, versions: [1, 1], addresses: ['127.0.0.1:1'], stays: false } },
    ]);
    if (welcome?.kind !== FrameKind.response) throw new Error(`${peer.name} says no welcome`);
    return asker;
  }

  /** Asks, without waiting for an answer in between. @returns all answers, in the order of the questions */
  async ask(questions: readonly RawQuestion[]): Promise<readonly RawAnswer[]> {
    const answers = questions.map(
      (_, index) =>
        new Promise<RawAnswer>((resolve) => this.#waiting.set(this.#lastId + index + 1, resolve)),
    );
    this.post(questions);
    const gone = this.link.closed.then(() => {
      throw new Error('the peer hung up');
    });
    return await Promise.race([Promise.all(answers), gone]);
  }

  /** The same for who does not look at the answers. */
  post(questions: readonly RawQuestion[]): void {
    const frames = questions.flatMap(({ message, body }) =>
      encodeFrame(FrameKind.request, ++this.#lastId, encodeMessage(message), body),
    );
    this.writer(this.link, Buffer.concat(frames));
  }
}

function plain(link: RawLink, bytes: Buffer): void {
  link.write(bytes);
}
