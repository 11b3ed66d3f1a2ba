import { decodeManifest } from '../../chunk/manifest.js';
import { signTombstone } from '../../chunk/tombstone.js';
import { fromHex } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import type { ShareRow, StateStore } from '../../store/store.js';
import type { Catalog } from '../catalog/catalog.js';
import type { Membership, OwnIdentity } from '../membership/membership.js';
import { surplusVersions, type VersionPolicy } from './versionPolicy.js';
import { deletionLimits } from '../limits.js';

/** When versions go by themselves. */
export interface Trimming {
  readonly policy: () => VersionPolicy;
  /** Whether a share can be fetched, as far as this peer knows. */
  readonly stands: (row: ShareRow) => Promise<boolean>;
  /** Whether the clock says how old something is. */
  readonly isClockSteady: () => boolean;
}

/** Ends shares: those that the user wants gone, and versions that are too many or too old. */
export class Deletions {
  constructor(
    private readonly identity: OwnIdentity,
    private readonly membership: Membership,
    private readonly state: StateStore,
    private readonly catalog: Catalog,
    private readonly trimming: Trimming,
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * Ends a share for the whole group, and with `versions` all versions of the same file. Durable here when it resolves;
   * others hear of it as they are met. Nobody can undo it.
   *
   * @returns ids of the shares that are deleted. @throws PeerError `not-trusted`, `not-found`
   */
  async delete(
    { shareId, authorId, lineage }: Pick<ShareRow, 'shareId' | 'authorId' | 'lineage'>,
    versions: boolean,
  ): Promise<readonly string[]> {
    const { nodeId, role } = this.membership.self;
    if (nodeId !== authorId && role !== 'admin') {
      throw new PeerError('not-trusted', 'Only who shared a file, or an admin, can delete it.', {
        hint: `Ask ${this.membership.nameOf(authorId)}, or an admin of the group.`,
      });
    }
    if (!versions) {
      await this.#end([shareId]);
      return [shareId];
    }
    const all: string[] = [];
    for (;;) {
      const page = await this.state.versions(authorId, lineage, deletionLimits.versionsAtOnce);
      if (page.length === 0) return all;
      // The newest last: what is shown of the file meanwhile is what was shown before.
      const ids = page.map((row) => row.shareId).reverse();
      await this.#end(ids);
      all.push(...ids);
    }
  }

  /**
   * Ends versions of this peer's own file that the policy does not keep. None as long as the newest cannot be fetched: an
   * older one may be all that is left. @returns how many
   */
  async trim(lineage: string): Promise<number> {
    const versions = await this.state.versions(
      this.identity.nodeId,
      lineage,
      deletionLimits.versionsAtOnce,
    );
    const { policy, stands } = this.trimming;
    const { versions: count, versionDays } = policy();
    // Nobody can undo it: a clock that was not set yet says of everything that it is old.
    const wanted = { versions: count, versionDays: this.isByAge ? versionDays : Infinity };
    const surplus = surplusVersions(versions, wanted, this.now());
    const [newest] = versions;
    if (surplus.length === 0 || newest === undefined || !(await stands(newest))) return 0;
    await this.#end(surplus.map(({ shareId }) => shareId));
    return surplus.length;
  }

  /** Whether versions go by their age now. */
  get isByAge(): boolean {
    const { policy, isClockSteady } = this.trimming;
    return policy().versionDays === 0 || isClockSteady();
  }

  /** The same for all files that this peer shared. */
  async trimAll(): Promise<number> {
    let count = 0;
    let after: string | null = null;
    do {
      const lineages: readonly string[] = await this.state.lineagesWithVersions(
        this.identity.nodeId,
        after,
        deletionLimits.versionsAtOnce,
      );
      for (const lineage of lineages) count += await this.trim(lineage);
      after = lineages.length < deletionLimits.versionsAtOnce ? null : (lineages.at(-1) ?? null);
    } while (after !== null);
    return count;
  }

  async #end(shareIds: readonly string[]): Promise<void> {
    if (shareIds.length === 0) return;
    const tombstones: Uint8Array[] = [];
    for (const shareId of shareIds) {
      const row = await this.state.getShare(shareId);
      if (row !== null) tombstones.push(this.#sign(row.manifest));
    }
    const added = await this.catalog.merge(
      tombstones.map((bytes) => ({ kind: 'tombstone', bytes })),
    );
    if (added === 0) throw new PeerError('not-found', 'The share is gone already.');
  }

  #sign(manifest: Uint8Array): Uint8Array {
    const { groupId, shareId, authorId, random } = decodeManifest(manifest);
    const signerId = fromHex(this.identity.nodeId);
    const isOwn = Buffer.compare(authorId, signerId) === 0;
    return signTombstone(
      { groupId, shareId, signerId, random: isOwn ? random : null, at: this.now() },
      (data) => this.identity.sign(data),
    );
  }
}
