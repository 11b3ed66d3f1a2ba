import { sealedBytes, validateGeometry, type Geometry } from '../../chunk/geometry.js';
import { decodeManifest, verifyManifest, type Manifest } from '../../chunk/manifest.js';
import { decodeReceipt, signReceipt } from '../../chunk/receipt.js';
import { PAGE_HASHES, shardPages } from '../../chunk/shardRoot.js';
import { checkShareId } from '../../chunk/shareId.js';
import { equalBytes, fromHex, toHex } from '../../common/bytes.js';
import type { Disposable } from '../../common/disposable.js';
import { PeerError } from '../../common/errors.js';
import type { Lease } from '../../common/memory.js';
import { systemTime, type Time } from '../../common/time.js';
import type { HeldShard, ShardScan, ShardStore } from '../../store/store.js';
import type { Catalog } from '../catalog/catalog.js';
import { serveLimits } from '../limits.js';
import type { Membership, OwnIdentity } from '../membership/membership.js';
import { FairSlots } from './fairSlots.js';
import { StagingLeases } from './stagingLeases.js';

export interface StageRequest {
  readonly shareId: string;
  readonly shard: number;
  readonly geometry: Geometry;
  /** What the share id was derived from, with group and author. */
  readonly random: Uint8Array;
}

const { smallSegments, leastSegmentBytes } = serveLimits;

/**
 * What a peer does as a holder, for members only. Every call names who asks: a shard that is being
 * received belongs to its author, and nobody else writes to it, seals it or drops it.
 */
export class HolderService {
  readonly #scans = new FairSlots(serveLimits.scans);
  readonly #leases = new StagingLeases();

  constructor(
    private readonly identity: OwnIdentity,
    private readonly membership: Membership,
    private readonly shards: ShardStore,
    private readonly catalog: Catalog,
    private readonly time: Time = systemTime,
  ) {}

  /** @throws PeerError `not-trusted` for a share id that is not this author's, `limit`, `disk-full` */
  async stage(author: string, request: StageRequest): Promise<void> {
    const { shareId, shard, geometry, random } = request;
    validateGeometry(geometry);
    if (shard >= geometry.k + geometry.m) throw new PeerError('protocol', 'No such shard.');
    if (geometry.segments > smallSegments && sealedBytes(geometry, 0) < leastSegmentBytes) {
      throw new PeerError('limit', 'The segments of this share are too small.');
    }
    const group = fromHex(this.membership.groupId);
    if (!checkShareId(fromHex(shareId), group, fromHex(author), random)) {
      throw new PeerError('not-trusted', 'This share id belongs to another author.');
    }
    if ((await this.catalog.manifestOf(shareId)) !== null) {
      throw new PeerError('exists', 'A share of this id is complete already.');
    }
    const isNew = this.#leases.begin(author, shareId, shard);
    try {
      await this.shards.stage({ shareId, shard, geometry, authorId: author });
    } catch (error) {
      if (isNew) this.#leases.end(shareId, shard);
      throw error;
    }
  }

  async put(
    author: string,
    shareId: string,
    shard: number,
    segment: number,
    piece: Uint8Array,
  ): Promise<void> {
    // The store knows whose shard it is: to ask it first would cost a round trip for each piece.
    await this.shards.writePiece(shareId, shard, segment, piece, author);
    this.#leases.moved(shareId, shard);
  }

  /** All is on disk and fsynced: answers the signed receipt. */
  async seal(author: string, shareId: string, shard: number): Promise<Uint8Array> {
    const held = await this.#own(author, shareId, shard);
    const root = await this.shards.seal(shareId, shard);
    this.#leases.end(shareId, shard);
    return signReceipt(
      {
        groupId: fromHex(this.membership.groupId),
        shareId: fromHex(shareId),
        shard,
        segments: held.geometry.segments,
        root,
        holderId: fromHex(this.identity.nodeId),
        at: Date.now(),
      },
      (data) => this.identity.sign(data),
    );
  }

  /** Takes the author's signed manifest and everybody's receipts; from here on the share is listed. */
  async commit(
    author: string,
    manifestBytes: Uint8Array,
    receipts: readonly Uint8Array[],
  ): Promise<void> {
    const manifest = decodeManifest(manifestBytes);
    const signer = this.membership.member(author);
    if (
      signer === undefined ||
      toHex(manifest.authorId) !== author ||
      toHex(manifest.groupId) !== this.membership.groupId ||
      !verifyManifest(manifestBytes, signer.spki)
    ) {
      throw new PeerError('not-trusted', 'The manifest is not signed by its author.');
    }
    const shareId = toHex(manifest.shareId);
    await this.catalog.check(manifestBytes); // before anything lies on the disk for good
    // What lies beside the shard is believed when the index is made anew from it.
    const genuine = await this.catalog.genuine(receipts);
    const own = genuine
      .map((bytes) => decodeReceipt(bytes))
      .filter(
        (receipt) =>
          toHex(receipt.holderId) === this.identity.nodeId && toHex(receipt.shareId) === shareId,
      );
    for (const { shard } of own) {
      await this.#commit(await this.#own(author, shareId, shard), manifest, manifestBytes, genuine);
    }
    await this.catalog.take(manifestBytes, genuine);
  }

  /**
   * Commits what was promised for a share that is listed: its author, or this peer, was gone when COMMIT was to come,
   * and the manifest came from others.
   */
  async adopt(shareId: string): Promise<void> {
    const held = (await this.shards.held(shareId)).filter(({ state }) => state === 'receipted');
    if (held.length === 0) return;
    const commit = await this.catalog.commitOf(shareId);
    if (commit === null) return;
    const manifest = decodeManifest(commit.manifest);
    for (const shard of held) {
      if (shard.authorId !== toHex(manifest.authorId)) continue;
      await this.#commit(shard, manifest, commit.manifest, commit.receipts);
    }
  }

  /** Adopts what can be adopted, and frees what was never received whole and has not moved for an hour. */
  async sweep(): Promise<void> {
    for (const { shareId, shard, state, authorId } of await this.shards.allHeld()) {
      if (state === 'receipted') await this.adopt(shareId);
      if (state !== 'staging' || !this.#leases.isOver(authorId, shareId, shard)) continue;
      await this.shards.abort(shareId, shard);
      this.#leases.end(shareId, shard);
    }
  }

  async abort(author: string, shareId: string, shard: number): Promise<void> {
    await this.#own(author, shareId, shard);
    await this.shards.abort(shareId, shard);
    this.#leases.end(shareId, shard);
  }

  piece(shareId: string, shard: number, segment: number): Promise<Lease> {
    return this.shards.readPiece(shareId, shard, segment);
  }

  /** One page of piece hashes, and what ties it to the signed root: the hashes of all pages. */
  async hashPage(
    shareId: string,
    shard: number,
    page: number,
  ): Promise<{ readonly pages: Uint8Array; readonly page: Uint8Array }> {
    const hashes = await this.shards.readHashes(shareId, shard);
    const start = page * PAGE_HASHES * 32;
    if (start >= hashes.byteLength) throw new PeerError('not-found', 'No such page.');
    return { pages: shardPages(hashes), page: hashes.slice(start, start + PAGE_HASHES * 32) };
  }

  /** Re-reads a shard and checks every chunk. One that waits for its turn reports that nothing is checked yet. */
  async scan(
    asker: string,
    shareId: string,
    shard: number,
    onProgress: (chunks: number) => void,
    signal: AbortSignal,
  ): Promise<ShardScan> {
    const wait = (): Disposable =>
      this.time.after(serveLimits.scanWaitsMs, () => {
        onProgress(0);
        waiting = wait();
      });
    let waiting = wait();
    const scan = (): Promise<ShardScan> => {
      waiting.dispose();
      return this.shards.scan(shareId, shard, onProgress, signal);
    };
    try {
      return await this.#scans.use(asker, scan, signal);
    } finally {
      waiting.dispose();
    }
  }

  async #commit(
    { shareId, shard, geometry }: HeldShard,
    manifest: Manifest,
    manifestBytes: Uint8Array,
    receipts: readonly Uint8Array[],
  ): Promise<void> {
    if (!sameGeometry(geometry, manifest.geometry)) {
      throw new PeerError('protocol', 'The manifest has another geometry than the shard.');
    }
    const root = manifest.roots[manifest.geometry.k === 1 ? 0 : shard];
    const stored = await this.shards.seal(shareId, shard);
    this.#leases.end(shareId, shard);
    if (root === undefined || !equalBytes(root, stored)) {
      throw new PeerError('integrity', 'The manifest does not describe the shard that is stored.');
    }
    await this.shards.commit(shareId, shard, manifestBytes, receipts);
  }

  async #own(author: string, shareId: string, shard: number): Promise<HeldShard> {
    const held = (await this.shards.held(shareId)).find((one) => one.shard === shard);
    if (held === undefined) {
      throw new PeerError('not-found', 'No such shard is being received.');
    }
    if (held.authorId !== author) {
      throw new PeerError('not-trusted', 'This shard is received for another author.');
    }
    return held;
  }
}

function sameGeometry(a: Geometry, b: Geometry): boolean {
  return (
    a.k === b.k && a.m === b.m && a.q === b.q && a.segments === b.segments && a.lastQ === b.lastQ
  );
}
