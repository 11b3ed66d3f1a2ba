import { createHash } from 'node:crypto';
import { decodeManifest, verifyManifest, type Manifest } from '../../chunk/manifest.js';
import { decodeReceipt, verifyReceipt, type Receipt } from '../../chunk/receipt.js';
import { openInfo, type SealedInfo } from '../../chunk/sealedInfo.js';
import { equalBytes, toHex } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import { Emitter } from '../../common/events.js';
import type { Logger } from '../../common/logger.js';
import type { LogEntry, LogKind, ReceiptRow, ShareRow, StateStore } from '../../store/store.js';
import type { Membership } from '../membership/membership.js';
import { quorum } from '../placement.js';

/** A manifest together with what its sealed part says. */
export interface OpenedShare {
  readonly row: ShareRow;
  readonly manifest: Manifest;
  readonly info: SealedInfo;
}

type NewShare = Parameters<StateStore['putShare']>[0];

/** Shares that are opened in one go when a key arrives. */
const unnamedAtOnce = 10_000;

/** A holder's own signed word that it keeps a shard. */
export interface Location {
  readonly holderId: string;
  readonly shard: number;
}

/**
 * The shares of the group as this peer knows them: every manifest and receipt is checked once, when it
 * arrives, whatever way it came; a share is listed as soon as enough holders have confirmed it.
 */
export class Catalog {
  readonly #changed = new Emitter<void>();
  /** Something was added; batched by nobody. */
  readonly onDidChange = this.#changed.event;
  readonly #listed = new Emitter<string>();
  /** A share, by its id, is listed from now on. */
  readonly onDidList = this.#listed.event;

  constructor(
    private readonly state: StateStore,
    private readonly membership: Membership,
    private readonly logger: Logger,
  ) {}

  /**
   * Takes a signed manifest with its receipts. A receipt that does not hold is left out: its holder may only not be
   * known here yet, and anti-entropy brings it again.
   *
   * @throws PeerError when the manifest does not hold.
   */
  async take(manifest: Uint8Array, receipts: readonly Uint8Array[]): Promise<void> {
    await this.#takeManifest(manifest);
    await this.state.append([entry('manifest', manifest)]);
    await this.merge(receipts.map((bytes) => ({ kind: 'receipt', bytes })));
    this.#changed.fire();
  }

  /** Takes entries of another peer's log; what does not hold is dropped and told, the rest is kept. */
  async merge(
    entries: readonly { readonly kind: LogKind; readonly bytes: Uint8Array }[],
  ): Promise<number> {
    const kept: Omit<LogEntry, 'seq'>[] = [];
    const refused: string[] = [];
    for (const { kind, bytes } of entries) {
      if (kind === 'record') continue;
      try {
        if (kind === 'manifest') await this.#takeManifest(bytes);
        else if (!(await this.#takeReceipt(bytes))) continue;
        kept.push(entry(kind, bytes));
      } catch (error) {
        refused.push(`${kind}: ${PeerError.from(error).message}`);
      }
    }
    // One line, however many: what others send must not fill the log.
    if (refused.length > 0) this.logger.warn('entries were refused', refused.length, refused[0]);
    const { added } = await this.state.append(kept);
    if (added.length > 0) this.#changed.fire();
    return added.length;
  }

  /** @throws PeerError `integrity` for a second manifest of a share, or one whose sealed part contradicts it. */
  async check(bytes: Uint8Array): Promise<void> {
    const manifest = decodeManifest(bytes);
    const known = await this.state.getShare(toHex(manifest.shareId));
    if (known !== null && !equalBytes(known.manifest, bytes)) {
      throw new PeerError('integrity', 'A second manifest for a share that exists.');
    }
    this.#unseal(manifest);
  }

  /** The COMMIT of a listed share, wire forms; null while it is not listed. */
  async commitOf(
    shareId: string,
  ): Promise<{ readonly manifest: Uint8Array; readonly receipts: readonly Uint8Array[] } | null> {
    const row = await this.state.getShare(shareId);
    if (row?.listed !== true) return null;
    const manifest = decodeManifest(row.manifest);
    const receipts = (await this.state.receipts(shareId))
      .map(({ bytes }) => bytes)
      .filter((bytes) => matches(manifest, decodeReceipt(bytes)));
    return { manifest: row.manifest, receipts };
  }

  async manifestOf(shareId: string): Promise<Manifest | null> {
    const row = await this.state.getShare(shareId);
    return row === null ? null : decodeManifest(row.manifest);
  }

  /** @throws PeerError `not-found`, `not-trusted` when this peer has no key for it */
  async open(shareId: string): Promise<OpenedShare> {
    const row = await this.state.getShare(shareId);
    if (row?.listed !== true) throw unknown(shareId);
    const manifest = decodeManifest(row.manifest);
    const info = this.#unseal(manifest);
    if (info === null) {
      throw new PeerError('not-trusted', 'This peer has no key for this share.');
    }
    return { row, manifest, info };
  }

  /** Who says that it holds which shard, in the order of shards. */
  async locations(shareId: string): Promise<readonly Location[]> {
    const manifest = await this.manifestOf(shareId);
    if (manifest === null) return [];
    const rows = await this.state.receipts(shareId);
    return (
      rows
        .filter(({ holderId }) => this.membership.member(holderId) !== undefined)
        // One that came before the manifest was not held against it.
        .filter(({ bytes }) => matches(manifest, decodeReceipt(bytes)))
        .map(({ holderId, shard }) => ({ holderId, shard }))
        .sort((a, b) => a.shard - b.shard || (a.holderId < b.holderId ? -1 : 1))
    );
  }

  /**
   * The share that a user means: an id, the start of one, or a name. Versions of one file by one author count
   * as one: the newest.
   *
   * @throws PeerError `not-found`, `ambiguous` with `details.choices`
   */
  async find(text: string): Promise<ShareRow> {
    const found: ShareRow[] = [];
    if (/^[0-9a-f]{6,32}$/.test(text)) {
      found.push(...(await this.state.findShares({ idPrefix: text }, 20)));
    }
    if (found.length === 0)
      found.push(...newestOfEach(await this.state.findShares({ name: text }, 200)));
    const [first] = found;
    if (first === undefined) throw unknown(text);
    if (found.length === 1) return first;
    throw new PeerError('ambiguous', `“${text}” is the name of ${found.length} shares.`, {
      hint: 'Name one by its id.',
      details: {
        choices: found.map((row) => ({
          shareId: row.shareId,
          name: row.name ?? '',
          authorName: this.membership.nameOf(row.authorId),
          createdAt: row.createdAt,
        })),
      },
    });
  }

  /** Whether a newer version by the same author is listed. */
  async isSuperseded(row: ShareRow): Promise<boolean> {
    const versions = await this.state.findShares({ lineage: row.lineage }, 50);
    return versions.some((other) => other.authorId === row.authorId && isNewer(other, row));
  }

  /** Opens the sealed part of shares that were known before their key: in a new epoch, or a rebuilt index. */
  async openSealed(): Promise<void> {
    const rows = await this.state.unnamedShares(unnamedAtOnce);
    for (const { shareId, manifest: bytes, listed } of rows) {
      try {
        const manifest = decodeManifest(bytes);
        await this.state.putShare(this.#describe(bytes, manifest, listed));
        await this.#listWhenConfirmed(shareId, manifest);
      } catch (error) {
        // Its author sealed nonsense: that does not keep the others closed.
        this.logger.warn('a share does not open', shareId, PeerError.from(error).code);
      }
    }
    if (rows.length > 0) this.#changed.fire();
  }

  #describe(bytes: Uint8Array, manifest: Manifest, listed: boolean): NewShare {
    const info = this.#unseal(manifest);
    return {
      shareId: toHex(manifest.shareId),
      groupId: toHex(manifest.groupId),
      authorId: toHex(manifest.authorId),
      lineage: toHex(manifest.lineage),
      createdAt: manifest.createdAt,
      manifest: bytes,
      name: info?.name ?? null,
      size: info?.totalSize ?? null,
      sha256: info === null ? null : toHex(info.sha256),
      listed,
    };
  }

  async #takeManifest(bytes: Uint8Array): Promise<void> {
    const manifest = decodeManifest(bytes);
    const shareId = toHex(manifest.shareId);
    const known = await this.state.getShare(shareId);
    if (known !== null) {
      if (!equalBytes(known.manifest, bytes)) {
        throw new PeerError('integrity', 'A second manifest for a share that exists.');
      }
      return;
    }
    const author = this.membership.member(toHex(manifest.authorId));
    if (
      author === undefined ||
      toHex(manifest.groupId) !== this.membership.groupId ||
      !verifyManifest(bytes, author.spki)
    ) {
      throw new PeerError('not-trusted', 'A manifest that no member signed.');
    }
    await this.state.putShare(this.#describe(bytes, manifest, false));
    await this.#listWhenConfirmed(shareId, manifest);
  }

  /** Answers false for one that says again what is known: a holder cannot fill the log by signing anew. */
  async #takeReceipt(bytes: Uint8Array): Promise<boolean> {
    const receipt = decodeReceipt(bytes);
    const holder = this.membership.member(toHex(receipt.holderId));
    if (
      holder === undefined ||
      toHex(receipt.groupId) !== this.membership.groupId ||
      !verifyReceipt(bytes, holder.spki)
    ) {
      throw new PeerError('not-trusted', 'A receipt that no member signed.');
    }
    const shareId = toHex(receipt.shareId);
    const manifest = await this.manifestOf(shareId);
    if (manifest !== null && !matches(manifest, receipt)) {
      throw new PeerError('integrity', 'A receipt for other bytes than the manifest describes.');
    }
    const row = receiptRow(receipt, bytes);
    const same = (await this.state.receipts(shareId)).find(
      ({ shard, holderId }) => shard === row.shard && holderId === row.holderId,
    );
    if (same?.root === row.root && !equalBytes(same.bytes, bytes)) return false;
    await this.state.putReceipts([row]);
    // The manifest may have come meanwhile, and have counted the receipts without this one.
    const known = manifest ?? (await this.manifestOf(shareId));
    if (known !== null) await this.#listWhenConfirmed(shareId, known);
    return true;
  }

  async #listWhenConfirmed(shareId: string, manifest: Manifest): Promise<void> {
    const row = await this.state.getShare(shareId);
    if (row === null || row.listed) return;
    const receipts = (await this.state.receipts(shareId)).map(({ bytes }) => decodeReceipt(bytes));
    const matching = receipts.filter((receipt) => matches(manifest, receipt));
    const shards = new Set(matching.map(({ shard }) => shard));
    // One holder that signs for every shard is still one holder.
    const holders = new Set(matching.map(({ holderId }) => toHex(holderId)));
    if (Math.min(shards.size, holders.size) < quorum(manifest.geometry)) return;
    await this.state.setListed(shareId);
    this.#listed.fire(shareId);
  }

  #unseal(manifest: Manifest): SealedInfo | null {
    if (!this.membership.hasGroup) return null;
    const key = this.membership.epochKey(toHex(manifest.epoch));
    return key === undefined ? null : openInfo(manifest, key);
  }
}

function matches(manifest: Manifest, receipt: Receipt): boolean {
  const { k, m, segments } = manifest.geometry;
  const root = manifest.roots[k === 1 ? 0 : receipt.shard];
  return (
    receipt.shard < k + m &&
    receipt.segments === segments &&
    root !== undefined &&
    equalBytes(root, receipt.root)
  );
}

function receiptRow(receipt: Receipt, bytes: Uint8Array): ReceiptRow {
  return {
    shareId: toHex(receipt.shareId),
    shard: receipt.shard,
    holderId: toHex(receipt.holderId),
    root: toHex(receipt.root),
    bytes,
  };
}

function entry(kind: LogKind, bytes: Uint8Array): Omit<LogEntry, 'seq'> {
  return { kind, id: createHash('sha256').update(bytes).digest('hex'), bytes };
}

function unknown(text: string): PeerError {
  return new PeerError('not-found', `No share is called “${text}”.`, {
    hint: 'See what there is in the Files view, or with “chunk-partitioner ls”.',
  });
}

/** The newest version of each file of each author. */
function newestOfEach(rows: readonly ShareRow[]): ShareRow[] {
  const newest = new Map<string, ShareRow>();
  for (const row of rows) {
    const key = `${row.authorId} ${row.lineage}`;
    const other = newest.get(key);
    if (other === undefined || isNewer(row, other)) newest.set(key, row);
  }
  return [...newest.values()];
}

function isNewer(a: ShareRow, b: ShareRow): boolean {
  return a.createdAt - b.createdAt > 0 || (a.createdAt === b.createdAt && a.shareId > b.shareId);
}
