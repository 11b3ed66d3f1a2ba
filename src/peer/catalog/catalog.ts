import { decodeManifest, type Manifest } from '../../chunk/manifest.js';
import { openInfo, type SealedInfo } from '../../chunk/sealedInfo.js';
import { concatBytes, equalBytes, toHex } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import { Emitter } from '../../common/events.js';
import type { Logger } from '../../common/logger.js';
import type {
  Fact,
  HeldBy,
  ShareName,
  ShareRow,
  StateStore,
  StoredShare,
  Taken,
} from '../../store/store.js';
import type { Membership } from '../membership/membership.js';
import { entryId, Intake, shareName, type Entry } from './intake.js';
import { catalogLimits } from '../limits.js';

const wholeId = /^[0-9a-f]{32}$/;
/** Fewer digits begin too many ids. */
const idStart = /^[0-9a-f]{6,32}$/;

/** A manifest together with what its sealed part says. */
export interface OpenedShare {
  readonly row: StoredShare;
  readonly manifest: Manifest;
  readonly info: SealedInfo;
}

/** What is signed of a share: all that holding, checking and repairing it takes, for whoever has no key. */
export type SignedShare = Pick<OpenedShare, 'row' | 'manifest'>;

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
  readonly #deleted = new Emitter<string>();
  /** A share, by its id, known or not, is deleted from now on. */
  readonly onDidDelete = this.#deleted.event;
  readonly #intake: Intake;
  /** Pages of others, one after the other: what two of them have in common is checked once. */
  #merging: Promise<unknown> = Promise.resolve();
  #opening: Promise<void> | undefined;
  #openAgain = false;

  constructor(
    private readonly state: StateStore,
    private readonly membership: Membership,
    private readonly logger: Logger,
  ) {
    this.#intake = new Intake(membership, (manifest) => this.#unseal(manifest));
  }

  /**
   * Takes a signed manifest with its receipts. A receipt that does not hold is left out: its holder may only not be
   * known here yet, and anti-entropy brings it again.
   *
   * @throws PeerError when the manifest does not hold; `not-found` when the share was deleted.
   */
  async take(manifest: Uint8Array, receipts: readonly Uint8Array[]): Promise<void> {
    const share = await this.#intake.manifest(manifest);
    const facts = await this.#genuineReceipts(receipts);
    const shareId = toHex(decodeManifest(manifest).shareId);
    const [{ listed, conflicts }, isDeleted] = await Promise.all([
      this.#take([share, ...facts]),
      this.isDeleted(shareId),
    ]);
    for (const id of listed) this.#listed.fire(id);
    this.#changed.fire();
    if (conflicts > 0) throw secondManifest();
    if (isDeleted) throw deletedShare(shareId);
  }

  /**
   * Takes entries of another peer's log; what does not hold is dropped and told, the rest is kept.
   *
   * @returns how many were new
   */
  async merge(entries: readonly Entry[]): Promise<number> {
    const merged = this.#merging.then(() => this.#merge(entries));
    this.#merging = merged.catch(() => undefined);
    return await merged;
  }

  /** Of these receipts, those that a known member signed. */
  async genuine(receipts: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
    const facts = await this.#genuineReceipts(receipts);
    return facts.map(({ bytes }) => bytes);
  }

  /**
   * @throws PeerError `integrity` for a second manifest of a share, or one whose sealed part contradicts it; `not-found`
   * when the share was deleted
   */
  async check(bytes: Uint8Array): Promise<void> {
    const manifest = decodeManifest(bytes);
    const shareId = toHex(manifest.shareId);
    const [known, isDeleted] = await Promise.all([
      this.state.getShare(shareId),
      this.isDeleted(shareId),
    ]);
    if (isDeleted) throw deletedShare(shareId);
    if (known !== null && !equalBytes(known.manifest, bytes)) {
      throw secondManifest();
    }
    this.#unseal(manifest);
  }

  /** The COMMIT of a listed share, wire forms; null while it is not listed. */
  async commitOf(
    shareId: string,
  ): Promise<{ readonly manifest: Uint8Array; readonly receipts: readonly Uint8Array[] } | null> {
    const row = await this.state.getShare(shareId);
    if (row?.listed !== true) return null;
    const receipts = (await this.state.receipts(shareId))
      .filter(({ counts }) => counts)
      .map(({ bytes }) => bytes);
    return { manifest: row.manifest, receipts };
  }

  async manifestOf(shareId: string): Promise<Manifest | null> {
    const row = await this.state.getShare(shareId);
    return row === null ? null : decodeManifest(row.manifest);
  }

  async isDeleted(shareId: string): Promise<boolean> {
    return (await this.state.deletedSince([shareId])).size > 0;
  }

  /** The version of a file that a new one follows; null when there is none. */
  async newestVersion(authorId: string, lineage: string): Promise<ShareRow | null> {
    const [newest] = await this.state.versions(authorId, lineage, 1);
    return newest ?? null;
  }

  /** A listed share; no key is needed. @throws PeerError `not-found` */
  async signed(shareId: string): Promise<SignedShare> {
    const row = await this.state.getShare(shareId);
    if (row?.listed !== true) throw unknown(shareId);
    return { row, manifest: decodeManifest(row.manifest) };
  }

  /** @throws PeerError `not-found`, `not-trusted` when this peer has no key for it */
  async open(shareId: string): Promise<OpenedShare> {
    const { row, manifest } = await this.signed(shareId);
    const info = this.#unseal(manifest);
    if (info === null) throw this.membership.keyless;
    return { row, manifest, info };
  }

  /** How many files, folders and links are in a listed share: of a folder, its sealed part says so. */
  async entriesOf({ shareId, kind }: ShareRow): Promise<number> {
    return kind === 'folder' ? (await this.open(shareId)).info.entries : 1;
  }

  /** Who says that it holds which shard, in the order of shards. */
  async locations(shareId: string): Promise<readonly Location[]> {
    return await this.heldBy([shareId]);
  }

  /** The same for many shares at once, in the order of their ids as given. */
  async heldBy(shareIds: readonly string[]): Promise<readonly HeldBy[]> {
    const held = await this.state.heldBy(shareIds);
    return held.filter(({ holderId }) => this.membership.isHolder(holderId));
  }

  /**
   * The share that a user means: an id, the start of one, or a name. A whole id means that share and nothing else, whatever
   * others are called. What is the start of an id and a name means neither: whoever shares can try until an id begins
   * like the name of another share. Versions of one file by one author count as one by its name: the newest.
   *
   * @throws PeerError `not-found`, `ambiguous` with `details.choices`
   */
  async find(text: string): Promise<ShareRow> {
    const byId = idStart.test(text)
      ? await this.state.findShares({ idPrefix: text }, catalogLimits.choices)
      : [];
    const byName = wholeId.test(text) ? [] : await this.#named(text);
    const found = [...new Map([...byId, ...byName].map((row) => [row.shareId, row])).values()];
    const [first] = found;
    if (first === undefined) throw this.#unknown(text);
    if (found.length === 1) return first;
    throw new PeerError('ambiguous', `“${text}” means any of ${countText(found.length)} shares.`, {
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

  /**
   * Another version of the same file: counted back from the newest (1 is the one before), or named by its id or the start
   * of it.
   *
   * @throws PeerError `not-found`, `ambiguous`, `usage`
   */
  async findVersion({ authorId, lineage }: ShareRow, text: string): Promise<ShareRow> {
    const back = /^\d{1,5}$/.test(text) ? Number(text) : null;
    if (back === null && !idStart.test(text)) {
      throw new PeerError('usage', `“${text}” is no version.`, {
        hint: 'Count back from the newest, 1 being the one before it, or give an id of “ls --versions”.',
      });
    }
    const versions = await this.state.versions(authorId, lineage, catalogLimits.versions);
    const found =
      back === null
        ? versions.filter(({ shareId }) => shareId.startsWith(text))
        : versions.slice(back, back + 1);
    const [first] = found;
    if (first !== undefined && found.length === 1) return first;
    throw new PeerError(
      first === undefined ? 'not-found' : 'ambiguous',
      first === undefined
        ? `There is no such version; ${countText(versions.length)} are kept.`
        : `“${text}” is the start of several ids.`,
      { hint: 'See them with “chunk-partitioner ls --versions NAME”.' },
    );
  }

  /** Opens the sealed part of shares that were known before their key: in a new epoch, or a rebuilt index. */
  openSealed(): Promise<void> {
    // A key that comes meanwhile may open what was tried already.
    this.#openAgain = true;
    this.#opening ??= this.#openSealed().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #openSealed(): Promise<void> {
    while (this.#openAgain) {
      this.#openAgain = false;
      let after: string | null = null;
      do after = await this.#openPage(after);
      while (after !== null);
    }
  }

  /** @returns the last share id of a full page, null when there are no more */
  async #openPage(after: string | null): Promise<string | null> {
    const rows = await this.state.unnamedShares(after, catalogLimits.openedAtOnce);
    const names: (ShareName & { shareId: string })[] = [];
    for (const { shareId, manifest } of rows) {
      try {
        const info = this.#unseal(decodeManifest(manifest));
        if (info !== null) names.push({ shareId, ...shareName(info) });
      } catch (error) {
        // Its author sealed nonsense: that does not keep the others closed.
        this.logger.warn('a share does not open', shareId, PeerError.from(error).code);
      }
    }
    if (names.length > 0) {
      await this.state.nameShares(names);
      this.#changed.fire();
    }
    return rows.length < catalogLimits.openedAtOnce ? null : (rows.at(-1)?.shareId ?? null);
  }

  async #merge(entries: readonly Entry[]): Promise<number> {
    const named = inOneBuffer(entries.filter(({ kind }) => kind !== 'record')).map(
      ({ kind, bytes }) => ({ kind, bytes, id: entryId(bytes) }),
    );
    if (named.length === 0) return 0;
    const known = new Set(await this.state.knownEntries(named.map(({ id }) => id)));
    const { facts, refused } = await this.#intake.check(named.filter(({ id }) => !known.has(id)));
    const { added, listed, deleted, conflicts, mismatches } = await this.#take(facts);
    this.#tell([
      ...refused,
      ...new Array<string>(conflicts).fill('manifest: another one is known'),
      ...new Array<string>(mismatches).fill('receipt: for other bytes than the manifest describes'),
    ]);
    for (const shareId of listed) this.#listed.fire(shareId);
    for (const shareId of deleted) this.#deleted.fire(shareId);
    if (added.length > 0) this.#changed.fire();
    return added.length;
  }

  async #named(name: string): Promise<readonly ShareRow[]> {
    const found = await this.state.findShares({ name, newest: true }, catalogLimits.choices);
    if (found.length > 0) return found;
    // All of that name have newer versions, of other names.
    return newestOfEach(await this.state.findShares({ name }, catalogLimits.choices));
  }

  #take(facts: readonly Fact[]): Promise<Taken> {
    return this.state.take(facts, this.membership.former);
  }

  /** Without names there is nothing to find by one. */
  #unknown(text: string): PeerError {
    const isStorage = this.membership.member(this.membership.nodeId)?.role === 'storage';
    return isStorage ? this.membership.keyless : unknown(text);
  }

  async #genuineReceipts(receipts: readonly Uint8Array[]): Promise<readonly Fact[]> {
    const { facts, refused } = await this.#intake.check(
      receipts.map((bytes) => ({ kind: 'receipt', id: entryId(bytes), bytes })),
    );
    this.#tell(refused);
    return facts;
  }

  /** One line, however many: what others send must not fill the log. */
  #tell(refused: readonly string[]): void {
    if (refused.length > 0) this.logger.warn('entries were refused', refused.length, refused[0]);
  }

  #unseal(manifest: Manifest): SealedInfo | null {
    if (!this.membership.hasGroup) return null;
    const key = this.membership.epochKey(toHex(manifest.epoch));
    return key === undefined ? null : openInfo(manifest, key);
  }
}

/** The same entries as parts of one buffer: it goes to the thread of the database in one piece. */
function inOneBuffer(entries: readonly Entry[]): Entry[] {
  const all = concatBytes(...entries.map(({ bytes }) => bytes));
  let end = 0;
  return entries.map(({ kind, bytes }) => {
    const start = end;
    end += bytes.byteLength;
    return { kind, bytes: all.subarray(start, end) };
  });
}

function secondManifest(): PeerError {
  return new PeerError('integrity', 'A second manifest for a share that exists.');
}

export function deletedShare(shareId: string): PeerError {
  return new PeerError('not-found', 'This share was deleted.', { details: { shareId } });
}

function countText(count: number): string {
  return count < catalogLimits.choices ? String(count) : `${String(catalogLimits.choices)} or more`;
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
