import { randomInt } from 'node:crypto';
import { decodeReceipt } from '../../chunk/receipt.js';
import { shardInHeader } from '../../chunk/geometry.js';
import { HASH_SIZE, pieceHash, shardRoot } from '../../chunk/shardRoot.js';
import { equalBytes, toHex } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import type { Lease } from '../../common/memory.js';
import type { ShardStore } from '../../store/store.js';
import type { Catalog, SignedShare } from '../catalog/catalog.js';
import type { Colleague } from './colleague.js';
import type { DamageBook } from './damageBook.js';
import { Dropping } from './dropping.js';
import type { OwnWord } from './ownWord.js';

export interface DropperOptions {
  readonly nodeId: string;
  readonly catalog: Pick<Catalog, 'signed' | 'genuine'>;
  readonly shards: Pick<ShardStore, 'readPiece' | 'readHashes' | 'remove'>;
  readonly word: Pick<OwnWord, 'fresh' | 'release'>;
  readonly damage: DamageBook;
  readonly colleague: (nodeId: string) => Colleague | undefined;
}

/** Drops shards that others hold, so that never all of them do: see {@link Dropping}. */
export class Dropper {
  readonly #dropping = new Dropping();

  constructor(private readonly options: DropperOptions) {}

  /**
   * Gives up a shard when one of these others has it, and may be relied on.
   *
   * @returns who that is; null when nobody may
   * @throws PeerError `not-found` when it is not here (any more), `cancelled`
   */
  async drop(
    share: SignedShare,
    shard: number,
    relyOn: readonly string[],
    signal: AbortSignal,
  ): Promise<string | null> {
    const { word, shards, damage } = this.options;
    const { shareId } = share.row;
    return await this.#dropping.mark(shareId, shard, async () => {
      for (const nodeId of relyOn) {
        const outcome = await this.#ask(share, shard, nodeId, signal);
        if (outcome === 'damaged') damage.report(shareId, shard, nodeId, 'damaged');
        if (outcome !== 'yes') continue;
        // In this order: what is told to be gone may still be here for a while, and never the other way round.
        await word.release(shareId, shard);
        await shards.remove(shareId, shard);
        return nodeId;
      }
      return null;
    });
  }

  /** Gives up a shard, whoever holds it. */
  async abandon({ row: { shareId } }: SignedShare, shard: number): Promise<void> {
    const { word, shards } = this.options;
    await this.#dropping.mark(shareId, shard, async () => {
      await word.release(shareId, shard);
      await shards.remove(shareId, shard);
    });
  }

  /** Answers one who wants to drop its copy. @throws PeerError `in-use`, `not-found` */
  async answer(
    shareId: string,
    shard: number,
    segment: number,
  ): Promise<{ readonly receipt: Uint8Array; readonly piece: Lease }> {
    const { catalog, shards, word, damage, nodeId } = this.options;
    // One piece may be right where others are known to be wrong.
    if (damage.of(shareId, shard, nodeId) !== null) {
      throw new PeerError('in-use', 'This shard is being put right.');
    }
    const share = await catalog.signed(shareId);
    const piece = await shards.readPiece(shareId, shard, segment);
    const receipt = await word.fresh(share, shard);
    // Last of all: from here on nothing comes between.
    this.#dropping.refuseIfMarked(shareId, shard);
    return { receipt, piece };
  }

  /** What the pieces of the others are held against. @throws PeerError `integrity` when this peer cannot tell */
  async #ownHashes({ row, manifest }: SignedShare, shard: number): Promise<Uint8Array> {
    const { geometry, roots, shareId } = manifest;
    const hashes = await this.options.shards.readHashes(row.shareId, shard);
    const inHeader = shardInHeader(geometry, shard);
    const { segments } = geometry;
    const root = roots[inHeader];
    if (
      root !== undefined &&
      equalBytes(shardRoot({ shareId, shard: inHeader, segments }, hashes), root)
    ) {
      return hashes;
    }
    throw new PeerError('integrity', 'The hashes beside this shard are damaged.');
  }

  async #ask(
    share: SignedShare,
    shard: number,
    nodeId: string,
    signal: AbortSignal,
  ): Promise<'yes' | 'no' | 'damaged'> {
    const { colleague, catalog } = this.options;
    const { shareId } = share.row;
    const { geometry, roots } = share.manifest;
    const segment = randomInt(geometry.segments);
    const hashes = await this.#ownHashes(share, shard);
    const other = colleague(nodeId);
    if (other === undefined) return 'no';
    try {
      const { receipt, piece } = await other.rely(shareId, shard, segment, signal);
      const says = decodeReceipt(receipt);
      const root = roots[geometry.k === 1 ? 0 : shard];
      const isSaid =
        (await catalog.genuine([receipt])).length === 1 &&
        toHex(says.holderId) === nodeId &&
        toHex(says.shareId) === shareId &&
        says.shard === shard &&
        root !== undefined &&
        equalBytes(says.root, root);
      const hash = hashes.subarray(segment * HASH_SIZE, (segment + 1) * HASH_SIZE);
      return isSaid && equalBytes(pieceHash(piece), hash) ? 'yes' : 'damaged';
    } catch (error) {
      const { code } = PeerError.from(error);
      if (signal.aborted) throw new PeerError('cancelled', 'The dropping was cancelled.');
      return code === 'not-found' || code === 'disk' ? 'damaged' : 'no';
    }
  }
}
