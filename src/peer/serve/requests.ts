import { toHex } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import { lend } from '../../common/memory.js';
import type { InboundRequest, RequestContext, RequestHandler } from '../../net/connection.js';
import { messageLimits } from '../../protocol/limits.js';
import { serveLimits } from '../limits.js';
import type { Membership } from '../membership/membership.js';
import { refusal } from '../mesh/handshake.js';
import type { DialBack } from '../doctor/dialBack.js';
import type { Dropper } from '../repair/dropper.js';
import type { Taker } from '../repair/taker.js';
import type { AntiEntropy } from '../sync/antiEntropy.js';
import { FairSlots } from './fairSlots.js';
import type { HolderService } from './holderService.js';
import type { NewsFirst } from './newsFirst.js';

export interface RequestDependencies {
  readonly membership: Membership;
  readonly antiEntropy: AntiEntropy;
  readonly holder: HolderService;
  readonly news: NewsFirst;
  readonly taker: Pick<Taker, 'take'>;
  readonly dropper: Pick<Dropper, 'answer'>;
  readonly dialBack: Pick<DialBack, 'answer'>;
}

type Answer = Awaited<ReturnType<RequestHandler>>;
const ok: Answer = { message: { t: 'ok' } };

/** What the disk has no part in, what has slots of its own, and what comes from strangers, who wait for nobody. */
const unslotted: ReadonlySet<string> = new Set<InboundRequest['message']['t']>([
  'hello',
  'redeem',
  'contacts',
  'dialBack',
  'verify',
]);

/**
 * Maps what members ask to what this peer does, so that one who asks for much does not keep the others waiting.
 * `hello` is answered by the mesh.
 */
export function requestHandler(deps: RequestDependencies): RequestHandler {
  const answer = answering(deps);
  const slots = new FairSlots(serveLimits.requests);
  return (request, context) =>
    unslotted.has(request.message.t)
      ? answer(request, context)
      : slots.use(context.nodeId, () => answer(request, context), context.signal);
}

function answering(deps: RequestDependencies): RequestHandler {
  const { membership, antiEntropy, holder, news, taker, dropper, dialBack } = deps;
  return async ({ message, body }, context): Promise<Answer> => {
    const author = context.nodeId;
    // Whoever was removed meanwhile is being shown out.
    if (message.t !== 'redeem' && membership.member(author) === undefined) throw refusal();
    switch (message.t) {
      case 'redeem':
        return await redeem(membership, message, context);
      case 'hello':
        throw new PeerError('protocol', 'There was a greeting already.');
      case 'sync':
        return {
          message: await antiEntropy.page(message.epoch, message.after, message.max, message.id),
        };
      case 'contacts':
        return { message: antiEntropy.contacts() };
      case 'space':
        return { message: { t: 'space', ...(await holder.space()) } };
      case 'dialBack':
        return { message: await dialBack.answer(author, message.addresses, context.signal) };
      case 'stage':
        await holder.stage(author, { ...message, shareId: toHex(message.share) });
        return ok;
      case 'put':
        await holder.put(author, toHex(message.share), message.shard, message.segment, body);
        return ok;
      case 'staged': {
        const { share, shard, page } = message;
        return { ...ok, body: lend(await holder.staged(author, toHex(share), shard, page)) };
      }
      case 'seal': {
        const bytes = await holder.seal(author, toHex(message.share), message.shard);
        return { message: { t: 'receipt', bytes } };
      }
      case 'commit':
        await holder.commit(author, message.manifest, message.receipts);
        return ok;
      case 'abort':
        await holder.abort(author, toHex(message.share), message.shard);
        return ok;
      case 'piece': {
        if (!news.passed) await news.heard();
        const piece = await holder.piece(toHex(message.share), message.shard, message.segment);
        return { ...ok, body: piece };
      }
      case 'hashes': {
        if (!news.passed) await news.heard();
        const { pages, page } = await holder.hashPage(
          toHex(message.share),
          message.shard,
          message.page,
        );
        return { message: { t: 'hashes', pages }, body: lend(page) };
      }
      case 'verify': {
        if (!news.passed) await news.heard();
        const scan = await holder.scan(
          author,
          toHex(message.share),
          message.shard,
          (checked) => {
            context.progress({ t: 'progress', checked });
          },
          context.signal,
        );
        return {
          message: {
            t: 'scanned',
            chunks: scan.chunksChecked,
            bad: [...scan.badChunks],
            root: scan.root,
          },
        };
      }
      case 'take': {
        const { share, shard, now } = message;
        return {
          message: { t: 'taking', ...(await taker.take(author, toHex(share), shard, now)) },
        };
      }
      case 'rely': {
        const { share, shard, segment } = message;
        const { receipt, piece } = await dropper.answer(toHex(share), shard, segment);
        return { message: { t: 'receipt', bytes: receipt }, body: piece };
      }
    }
  };
}

async function redeem(
  membership: Membership,
  {
    token,
    name,
    ecdh,
  }: { readonly token: Uint8Array; readonly name: string; readonly ecdh: Uint8Array },
  context: RequestContext,
): Promise<Answer> {
  if (!membership.hasGroup) throw refusal();
  const records = await membership.redeem(token, { spki: context.spki, ecdh, name });
  // The newcomer's own chain and keys come first; what does not fit comes with the first pull.
  return {
    message: {
      t: 'admitted',
      records: records.slice(0, messageLimits.records),
    },
  };
}
