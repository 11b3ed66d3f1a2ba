import { MAX_ROUNDS, signReceipt } from '../../chunk/receipt.js';
import { signRelease } from '../../chunk/release.js';
import { fromHex } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import type { StateStore } from '../../store/store.js';
import type { Catalog, SignedShare } from '../catalog/catalog.js';
import type { Membership, OwnIdentity } from '../membership/membership.js';

/** What this peer signs about the shards on its own disk. Whoever reads the log of any member learns it. */
export class OwnWord {
  constructor(
    private readonly identity: Pick<OwnIdentity, 'nodeId' | 'sign'>,
    private readonly membership: Pick<Membership, 'groupId'>,
    private readonly state: Pick<StateStore, 'wordOf' | 'receipts'>,
    private readonly catalog: Pick<Catalog, 'merge'>,
  ) {}

  /** Signs that a committed shard is here, once and for all; answers what was signed before, if that still counts. */
  async promise(share: SignedShare, shard: number): Promise<Uint8Array> {
    const { shareId } = share.row;
    const known = (await this.state.receipts(shareId)).find(
      (row) => row.shard === shard && row.holderId === this.identity.nodeId && row.counts,
    );
    if (known !== undefined) return known.bytes;
    const receipt = await this.fresh(share, shard);
    await this.catalog.merge([{ kind: 'receipt', bytes: receipt }]);
    return receipt;
  }

  /** A receipt of this moment. It is not kept: to others it says nothing new. @throws PeerError `limit` */
  async fresh({ row, manifest }: SignedShare, shard: number): Promise<Uint8Array> {
    const { geometry, roots } = manifest;
    const root = roots[geometry.k === 1 ? 0 : shard];
    if (root === undefined) throw new PeerError('protocol', 'No such shard.');
    const { released } = await this.state.wordOf(row.shareId, shard, this.identity.nodeId);
    const round = released === null ? 0 : released + 1;
    if (round > MAX_ROUNDS) {
      throw new PeerError('limit', 'This peer has given this shard up too often.');
    }
    return signReceipt(
      {
        groupId: fromHex(this.membership.groupId),
        shareId: manifest.shareId,
        ...{ shard, segments: geometry.segments, root },
        holderId: fromHex(this.identity.nodeId),
        at: Date.now(),
        ...(round > 0 && { round }),
      },
      (data) => this.identity.sign(data),
    );
  }

  /** Signs that the shard is here no longer. Durable, and told to others, when it resolves. */
  async release(shareId: string, shard: number): Promise<void> {
    const { received, released } = await this.state.wordOf(shareId, shard, this.identity.nodeId);
    const round = Math.max(received ?? 0, released ?? 0);
    if (released !== null && round === released) return;
    const bytes = signRelease(
      {
        groupId: fromHex(this.membership.groupId),
        shareId: fromHex(shareId),
        ...{ shard, round },
        holderId: fromHex(this.identity.nodeId),
      },
      (data) => this.identity.sign(data),
    );
    await this.catalog.merge([{ kind: 'release', bytes }]);
  }
}
