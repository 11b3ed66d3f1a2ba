import {
  sameGeometry,
  sealedBytes,
  validateGeometry,
  type Geometry,
} from '../../chunk/geometry.js';
import { decodeManifest, verifyManifest, type Manifest } from '../../chunk/manifest.js';
import { decodeReceipt, signReceipt } from '../../chunk/receipt.js';
import { pageOf, shardPages } from '../../chunk/shardRoot.js';
import { checkShareId } from '../../chunk/shareId.js';
import { equalBytes, fromHex, toHex } from '../../common/bytes.js';
import type { Disposable } from '../../common/disposable.js';
import { PeerError } from '../../common/errors.js';
import type { Lease } from '../../common/memory.js';
import { systemTime, type Time } from '../../common/time.js';
import type { HeldShard, Lending, ShardScan, ShardStore } from '../../store/store.js';
import { deletedShare, type Catalog } from '../catalog/catalog.js';
import { serveLimits } from '../limits.js';
import type { Membership, OwnIdentity } from '../membership/membership.js';
import { FairSlots } from './fairSlots.js';
import { StagingLeases } from './stagingLeases.js';
import { shardKey } from '../shardKey.js';

export interface StageRequest {
  readonly shareId: string;
  readonly shard: number;
  readonly geometry: Geometry;
  /** What the share id was derived from, with group and author. */
  readonly random: Uint8Array;
}

export interface HolderHooks {
  /** Bytes that others may take of the disk; null, as without it, for as many as it has. */
  readonly lends?: () => number | null;
  /** Whether this peer has given its shards away, and takes no more. */
  readonly isLeaving?: () => boolean;
  /** A shard of this peer was read, and is not what it should be, or is not there. */
  readonly onDamage?: (shareId: string, shard: number) => void;
}

const { smallSegments, leastSegmentBytes } = serveLimits;

/**
 * What a peer does as a holder, for members only. Every call names who asks: a shard that is being
 * received belongs to its author, and nobody else writes to it, seals it or drops it; one that is made here, to this peer.
 */
export class HolderService {
  readonly #scans = new FairSlots(serveLimits.scans);
  /** Shards that this peer makes itself: nobody else touches them meanwhile. */
  readonly #rebuilding = new Set<string>();

  constructor(
    private readonly identity: OwnIdentity,
    private readonly membership: Membership,
    private readonly shards: ShardStore,
    private readonly catalog: Catalog,
    private readonly hooks: HolderHooks = {},
    private readonly leases = new StagingLeases(),
    private readonly time: Time = systemTime,
  ) {}

  /** @throws PeerError `not-trusted` for a share id that is not this author's, `limit`, `disk-full`, `quota` */
  async stage(author: string, request: StageRequest): Promise<void> {
    const { shareId, shard, geometry, random } = request;
    checkGeometry(geometry, shard);
    if (this.hooks.isLeaving?.() === true) throw new PeerError('limit', 'This peer is leaving.');
    const group = fromHex(this.membership.groupId);
    if (!checkShareId(fromHex(shareId), group, fromHex(author), random)) {
      throw new PeerError('not-trusted', 'This share id belongs to another author.');
    }
    const [known, isDeleted, isReceipted] = await Promise.all([
      this.catalog.manifestOf(shareId),
      this.catalog.isDeleted(shareId),
      this.#isReceipted({ shareId, shard, geometry, authorId: author }),
    ]);
    if (isDeleted) throw deletedShare(shareId);
    if (known !== null) {
      throw new PeerError('exists', 'A share of this id is complete already.');
    }
    // Promised already: the author was interrupted between the receipt and COMMIT.
    if (isReceipted) return;
    const isNew = this.leases.begin(author, { shareId, shard, geometry });
    try {
      await this.shards.stage({ shareId, shard, geometry, authorId: author }, this.#lending());
    } catch (error) {
      if (isNew) this.leases.end(shareId, shard);
      throw error;
    }
  }

  /** A page of the hashes of pieces that have arrived, zeros where there is none. @throws PeerError `not-found` */
  async staged(author: string, shareId: string, shard: number, page: number): Promise<Uint8Array> {
    await this.#own(author, shareId, shard);
    return await this.shards.stagedHashes(shareId, shard, page);
  }

  async put(
    author: string,
    shareId: string,
    shard: number,
    segment: number,
    piece: Uint8Array,
  ): Promise<void> {
    this.#refuseRebuilding(shareId, shard);
    // The store knows whose shard it is: to ask it first would cost a round trip for each piece.
    await this.shards.writePiece(shareId, shard, segment, piece, author);
    this.leases.moved(shareId, shard);
  }

  /** All is on disk and fsynced: answers the signed receipt. */
  async seal(author: string, shareId: string, shard: number): Promise<Uint8Array> {
    const held = await this.#own(author, shareId, shard);
    const root = await this.shards.seal(shareId, shard);
    this.leases.end(shareId, shard);
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
    try {
      await this.catalog.take(manifestBytes, genuine);
    } catch (error) {
      // Its tombstone came while the shard was being committed, and found nothing to hide.
      if (PeerError.is(error, 'not-found')) await this.hide(shareId);
      throw error;
    }
  }

  /**
   * Settles what was received of a share that is listed: its author, or this peer, was gone when COMMIT was to come, and
   * the manifest came from others. What was promised is committed; what never came whole, or is not what was signed in the
   * end, is freed, as its author has done without it, and whoever keeps that takes no other shard.
   *
   * @returns how many shards were committed. Nobody may have got this peer's receipt for them, if it was gone that early.
   */
  async adopt(shareId: string): Promise<number> {
    return await this.#adopt(shareId, async ({ shard }) => {
      await this.shards.abort(shareId, shard);
    });
  }

  /** @param onContradiction for a shard that was received whole, and is not what its author signed in the end */
  async #adopt(
    shareId: string,
    onContradiction: (held: HeldShard, error: PeerError) => Promise<void>,
  ): Promise<number> {
    const held = (await this.shards.held(shareId)).filter(({ state }) => state !== 'committed');
    if (held.length === 0) return 0;
    const commit = await this.catalog.commitOf(shareId);
    if (commit === null) return 0;
    const manifest = decodeManifest(commit.manifest);
    const promised = held.filter(
      ({ state, authorId }) => state === 'receipted' && authorId === toHex(manifest.authorId),
    );
    let adopted = 0;
    for (const one of promised) {
      try {
        await this.#commit(one, manifest, commit.manifest, commit.receipts);
        adopted += 1;
      } catch (error) {
        if (!PeerError.is(error, 'integrity')) throw error;
        await onContradiction(one, error);
      }
    }
    for (const { shard, state } of held) {
      if (state === 'staging' && !this.#isRebuilding(shareId, shard)) {
        await this.#free(shareId, shard);
      }
    }
    return adopted;
  }

  /**
   * Adopts what can be adopted, and frees what was never received whole and has not moved for an hour.
   *
   * @param onFailed for each shard that is left as it is, for what reason: an author can sign what fits nothing
   * @returns how many shards were adopted
   */
  async sweep(onFailed: (error: unknown) => void): Promise<number> {
    let adopted = 0;
    for (const held of await this.shards.allHeld()) {
      const { shareId, shard, state, authorId } = held;
      try {
        if (state !== 'committed') adopted += await this.adopt(shareId);
        if (state !== 'staging' || !this.leases.isOver(authorId, held)) continue;
        await this.#free(shareId, shard);
      } catch (error) {
        onFailed(error);
      }
    }
    return adopted;
  }

  /** Serves a deleted share no more, and takes no more of it. */
  async hide(shareId: string): Promise<void> {
    const held = await this.shards.held(shareId);
    if (held.length === 0) return;
    for (const { shard } of held) this.leases.end(shareId, shard);
    await this.shards.hide(shareId);
  }

  /** What it lends to others, null for all there is, and what they have taken of it; bytes. */
  async space(): Promise<{ readonly lends: number | null; readonly used: number }> {
    return {
      lends: this.#lends(),
      used: await this.shards.storedBytes(this.identity.nodeId),
    };
  }

  /**
   * Takes a shard of a listed share that this peer makes itself, of those of others. It is committed when it leads to the
   * signed root, and dropped when not, or when `make` fails.
   *
   * @param make gives each piece to `keep`, in any order
   * @throws PeerError `not-found`, `exists`, `limit`, `disk-full`, `quota`, `integrity`, or what `make` throws
   */
  async rebuild(
    shareId: string,
    shard: number,
    make: (keep: (segment: number, piece: Uint8Array) => Promise<void>) => Promise<void>,
  ): Promise<void> {
    const manifest = await this.catalog.manifestOf(shareId);
    if (manifest === null) throw new PeerError('not-found', 'No such share is known here.');
    const { geometry } = manifest;
    checkGeometry(geometry, shard);
    const key = shardKey({ shareId, shard });
    if (this.#rebuilding.has(key))
      throw new PeerError('exists', 'This shard is being made already.');
    this.#rebuilding.add(key);
    try {
      this.leases.begin(this.identity.nodeId, { shareId, shard, geometry });
      const authorId = toHex(manifest.authorId);
      await this.shards.stage({ shareId, shard, geometry, authorId }, this.#lending());
      await make(async (segment, piece) => {
        await this.shards.writePiece(shareId, shard, segment, piece);
        this.leases.moved(shareId, shard);
      });
      await this.shards.seal(shareId, shard);
      await this.#adopt(shareId, (_held, error) => Promise.reject(error));
      const held = (await this.shards.held(shareId)).find((one) => one.shard === shard);
      if (held?.state !== 'committed') {
        throw new PeerError('not-found', 'The share is not listed here.');
      }
    } catch (error) {
      // What is committed by now stays, and says so.
      await this.shards.abort(shareId, shard).catch(() => undefined);
      throw error;
    } finally {
      this.leases.end(shareId, shard);
      this.#rebuilding.delete(key);
    }
  }

  async abort(author: string, shareId: string, shard: number): Promise<void> {
    await this.#own(author, shareId, shard);
    // First of all: what is staged again meanwhile counts anew, and keeps its lease.
    this.leases.end(shareId, shard);
    await this.shards.abort(shareId, shard);
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
    return { pages: shardPages(hashes), page: pageOf(hashes, page) };
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
      const found = await this.#scans.use(asker, scan, signal);
      if (found.badChunks.length > 0) this.hooks.onDamage?.(shareId, shard);
      return found;
    } catch (error) {
      if (PeerError.is(error, 'not-found', 'disk')) this.hooks.onDamage?.(shareId, shard);
      throw error;
    } finally {
      waiting.dispose();
    }
  }

  #lends(): number | null {
    return this.hooks.lends?.() ?? null;
  }

  #lending(): Lending | undefined {
    const bytes = this.#lends();
    return bytes === null ? undefined : { bytes, except: this.identity.nodeId };
  }

  async #commit(
    { shareId, shard, geometry }: HeldShard,
    manifest: Manifest,
    manifestBytes: Uint8Array,
    receipts: readonly Uint8Array[],
  ): Promise<void> {
    if (!sameGeometry(geometry, manifest.geometry)) {
      throw new PeerError('integrity', 'The manifest has another geometry than the shard.');
    }
    const root = manifest.roots[manifest.geometry.k === 1 ? 0 : shard];
    const stored = await this.shards.seal(shareId, shard);
    this.leases.end(shareId, shard);
    if (root === undefined || !equalBytes(root, stored)) {
      throw new PeerError('integrity', 'The manifest does not describe the shard that is stored.');
    }
    await this.shards.commit(shareId, shard, manifestBytes, receipts);
  }

  async #isReceipted(wanted: Omit<HeldShard, 'state'>): Promise<boolean> {
    const held = await this.shards.held(wanted.shareId);
    return held.some(
      ({ shard, state, authorId, geometry }) =>
        shard === wanted.shard &&
        state === 'receipted' &&
        authorId === wanted.authorId &&
        sameGeometry(geometry, wanted.geometry),
    );
  }

  /** Only a beginning: what was received whole meanwhile stays. */
  async #free(shareId: string, shard: number): Promise<void> {
    this.leases.end(shareId, shard);
    await this.shards.abort(shareId, shard, 'staging');
  }

  #isRebuilding(shareId: string, shard: number): boolean {
    return this.#rebuilding.size > 0 && this.#rebuilding.has(shardKey({ shareId, shard }));
  }

  #refuseRebuilding(shareId: string, shard: number): void {
    if (!this.#isRebuilding(shareId, shard)) return;
    throw new PeerError('not-trusted', 'This shard is made here, and received from nobody.');
  }

  async #own(author: string, shareId: string, shard: number): Promise<HeldShard> {
    this.#refuseRebuilding(shareId, shard);
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

/** @throws PeerError `protocol`, `limit` */
function checkGeometry(geometry: Geometry, shard: number): void {
  validateGeometry(geometry);
  if (shard >= geometry.k + geometry.m) throw new PeerError('protocol', 'No such shard.');
  if (geometry.segments > smallSegments && sealedBytes(geometry, 0) < leastSegmentBytes) {
    throw new PeerError('limit', 'The segments of this share are too small.');
  }
}
