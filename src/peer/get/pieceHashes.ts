import { shardInHeader } from '../../chunk/geometry.js';
import { HASH_SIZE, PAGE_HASHES, pageHash, rootFromPages } from '../../chunk/shardRoot.js';
import { equalBytes } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import type { SignedShare } from '../catalog/catalog.js';
import { BoundedMap } from '../../common/boundedMap.js';
import type { Source } from './sources.js';
import { getLimits } from '../limits.js';

/** The hashes that the pieces of a share have to have: asked of holders page by page, held against the signed roots. */
export class PieceHashes {
  /** Those that were found right, by shard and page. */
  readonly #pages = new BoundedMap<string, Uint8Array>(getLimits.hashPages);
  /** Under way: each holder is asked once, and none has to wait for what another does not answer. */
  readonly #asked = new Map<string, Promise<Uint8Array>>();

  constructor(private readonly share: SignedShare) {}

  /**
   * The page that `segment` is on, for the source's shard: 2,048 hashes or fewer. Known pages are not asked for again.
   *
   * @throws PeerError `integrity` when the answer does not lead to the signed root; of the holder
   */
  async page(source: Source, segment: number): Promise<Uint8Array> {
    const page = Math.floor(segment / PAGE_HASHES);
    const shard = shardInHeader(this.share.manifest.geometry, source.shard);
    const known = this.#pages.get(`${shard} ${page}`);
    if (known !== undefined) return known;
    const question = `${source.holder.nodeId} ${source.shard} ${page}`;
    let asked = this.#asked.get(question);
    if (asked === undefined) {
      asked = this.#ask(source, page).finally(() => this.#asked.delete(question));
      this.#asked.set(question, asked);
    }
    const answer = await asked;
    this.#pages.set(`${shard} ${page}`, answer);
    return answer;
  }

  /** Whether `hash` is that of the source's piece of `segment`. No answer counts as no. */
  async isGenuine(source: Source, segment: number, hash: Uint8Array): Promise<boolean> {
    try {
      return isOnPage(await this.page(source, segment), segment, hash);
    } catch {
      return false;
    }
  }

  async #ask({ holder, shard }: Source, page: number): Promise<Uint8Array> {
    const { manifest, row } = this.share;
    const { shareId, geometry, roots } = manifest;
    const inHeader = shardInHeader(geometry, shard);
    // Several may wait for it: none of them can cancel it.
    const signal = AbortSignal.timeout(getLimits.hashesMs);
    const answer = await holder.hashes(row.shareId, shard, page, signal);
    const { segments } = geometry;
    const rooted = rootFromPages({ shareId, shard: inHeader, segments }, answer.pages);
    const root = roots[inHeader];
    const listed = answer.pages.subarray(HASH_SIZE * page, HASH_SIZE * (page + 1));
    const sound =
      root !== undefined && equalBytes(rooted, root) && equalBytes(pageHash(answer.page), listed);
    if (!sound) throw new PeerError('integrity', 'This holder answered with wrong hashes.');
    return answer.page;
  }
}

export function isOnPage(page: Uint8Array, segment: number, hash: Uint8Array): boolean {
  const at = HASH_SIZE * (segment % PAGE_HASHES);
  return equalBytes(page.subarray(at, at + HASH_SIZE), hash);
}
