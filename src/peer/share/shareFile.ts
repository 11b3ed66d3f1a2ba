import path from 'node:path';
import { validateEntryName } from '../../chunk/entryName.js';
import { sameGeometry, type Geometry } from '../../chunk/geometry.js';
import { decodeManifest, type Manifest } from '../../chunk/manifest.js';
import { decodeReceipt, verifyReceipt } from '../../chunk/receipt.js';
import type { GitState } from '../../chunk/tree.js';
import { equalBytes, fromHex, toHex } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import type { Catalog } from '../catalog/catalog.js';
import type { Holder } from '../holder.js';
import type { JobThreads } from '../jobs/jobThreads.js';
import type { OpenedMessage } from '../jobs/messages.js';
import { sourceChanged } from '../jobs/sourceTree.js';
import { transferLimits } from '../limits.js';
import type { Membership, OwnIdentity } from '../membership/membership.js';
import { quorum } from '../placement.js';
import type { PieceWatch } from '../trace/pieceWatch.js';
import type { Kept } from '../transfers/keptTask.js';
import type { ShareDraft } from '../transfers/task.js';
import { commitShare } from './commit.js';
import { describeShare, leftOutWarnings } from './describe.js';
import { gitStateOf } from './gitState.js';
import { planAgain, planShare, type SharePlan } from './plan.js';
import { SharePump } from './sharePump.js';
import { Upload, type Receipt } from './upload.js';

export interface ShareDependencies {
  readonly identity: OwnIdentity;
  readonly membership: Membership;
  readonly catalog: Catalog;
  readonly threads: JobThreads;
  /** Members that can be reached now, without this peer. */
  readonly remoteHolders: () => readonly Holder[];
  /** Any member, whether it can be reached or not. */
  readonly holder: (nodeId: string) => Holder;
  readonly localHolder: Holder;
  /** Whether a peer promised to keep serving. */
  readonly stays: (nodeId: string) => boolean;
}

export interface ShareOptions {
  /** Absolute path of a file or folder. */
  readonly path: string;
  readonly redundancy: string;
  /** Node ids of those who are to hold it before others. */
  readonly holders?: readonly string[];
  /** Whether `.gitignore` files are honoured. */
  readonly ignore: boolean;
  /** Whether files that look like secrets are meant to be shared; they are refused unless this says so. */
  readonly allowSecrets?: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number, peers: number) => void;
  /** What an earlier run has left, and where this one leaves what a later one may go on with. */
  readonly kept?: Kept<ShareDraft>;
  /** Whether a later run will go on after this error. */
  readonly goesOn?: (error: unknown) => boolean;
  /** Pieces are about to be sent. */
  readonly onPlanned?: (share: PlannedShare) => PieceWatch;
}

/** What is being sent, before any list has it. */
export interface PlannedShare {
  readonly shareId: string;
  readonly kind: 'file' | 'folder';
  /** Bytes of all files. */
  readonly size: number;
  readonly geometry: Geometry;
  /** Node ids by shard, as they take part now. */
  readonly holders: () => readonly string[];
}

export interface Shared {
  readonly shareId: string;
  /** Hex. */
  readonly lineage: string;
  /** What was checked out where it lies; null where nothing was. */
  readonly git: GitState | null;
  /** Node ids of chosen holders that did not confirm. */
  readonly missing: readonly string[];
  readonly warnings: readonly string[];
  /** Entries of a folder that `.gitignore` left out; a folder in it counts as one. */
  readonly ignored: number;
}

/**
 * Shares one file or folder: STAGE, pieces, receipts, COMMIT. When it resolves, the share is durable on enough holders
 * and listed; when it rejects, nothing is listed. What an earlier run has brought to the holders is not sent again, if
 * the file is still the same; if it is not, the share begins anew under another id and key.
 *
 * @throws PeerError `too-few-peers`, `not-found`, `not-a-file`, `source-changed`, `secrets`, `cancelled`, `disk`
 */
export async function shareFile(deps: ShareDependencies, options: ShareOptions): Promise<Shared> {
  validateEntryName(path.basename(options.path));
  const { kept } = options;
  const draft = kept?.draft ?? null;
  if (kept === undefined || draft === null) {
    const plan = planShare(deps, options.redundancy, options.holders);
    const git = await gitStateOf(options.path, options.signal);
    if (options.signal.aborted) throw new PeerError('cancelled', 'The share was cancelled.');
    return await new ShareRun(deps, options, plan, git, null).run();
  }
  const known = await deps.catalog.manifestOf(draft.shareId);
  // It was done, whoever has got its COMMIT first; a copy of the data directory may know less than the others.
  if (known !== null) return sharedBefore(draft, known);
  const { sealed } = draft;
  if (sealed !== null) {
    const manifest = decodeManifest(fromHex(sealed.manifest));
    if (toHex(manifest.epoch) === deps.membership.currentEpoch().name) {
      // The last step of a run that ended in it.
      const receipts = sealed.receipts.map(({ holder, bytes }) => ({
        holder: deps.holder(holder),
        bytes: fromHex(bytes),
      }));
      const needed = quorum(draft.geometry);
      await commitShare(deps.catalog, needed, fromHex(sealed.manifest), receipts);
      return sharedBefore(draft, manifest);
    }
    // Somebody was removed meanwhile, who could read it.
  } else {
    try {
      return await new ShareRun(deps, options, planAgain(deps, draft), draft.git, draft).run();
    } catch (error) {
      if (!PeerError.is(error, 'source-changed')) throw error;
    }
  }
  await kept.save(null);
  return await shareFile(deps, options);
}

/** Tells the holders of a share that is given up to drop what they have. Best effort. */
export async function discardShare(
  holder: (nodeId: string) => Holder,
  { shareId, holders, sealed }: ShareDraft,
): Promise<void> {
  // One COMMIT that arrived lists the share.
  if (sealed !== null) return;
  await Promise.allSettled(holders.map((nodeId, shard) => holder(nodeId).abort(shareId, shard)));
}

function sharedBefore(
  { shareId, holders, git, sealed }: ShareDraft,
  { lineage }: Manifest,
): Shared {
  const confirmed = new Set(sealed?.receipts.map(({ holder }) => holder) ?? holders);
  return {
    shareId,
    lineage: toHex(lineage),
    git,
    missing: holders.filter((nodeId) => !confirmed.has(nodeId)),
    warnings: [],
    ignored: sealed?.ignored ?? 0,
  };
}

/** One attempt at a share. */
class ShareRun {
  readonly #pump: SharePump;
  readonly #name: string;
  #upload: Upload | undefined;
  #committing = false;

  constructor(
    private readonly deps: ShareDependencies,
    private readonly options: ShareOptions,
    private readonly plan: SharePlan,
    private readonly git: GitState | null,
    /** What an earlier attempt has left. */
    private readonly draft: ShareDraft | null,
  ) {
    const { shareId, contentKey, k, m } = plan;
    this.#name = path.basename(options.path);
    this.#pump = new SharePump(deps.threads, {
      ...{ kind: 'share', path: options.path, name: this.#name, ignore: options.ignore },
      ...{ allowSecrets: options.allowSecrets === true, git },
      ...{ shareId: fromHex(shareId), contentKey: fromHex(contentKey), k, m },
      journal: options.kept?.journal ?? null,
    });
  }

  async run(): Promise<Shared> {
    try {
      return await this.#run();
    } catch (error) {
      await this.#pump.stop();
      // One COMMIT that arrived lists the share: from then on no holder is told to drop what it promised to keep.
      const { kept, goesOn } = this.options;
      const isKept = kept?.draft?.shareId === this.plan.shareId && goesOn?.(error) === true;
      if (!this.#committing && !isKept) await this.#upload?.abort();
      throw error;
    } finally {
      await this.#pump.stop();
    }
  }

  async #run(): Promise<Shared> {
    const { deps, options, plan } = this;
    const opened = await this.#pump.opened(options.signal);
    if (this.draft !== null && !sameGeometry(opened.geometry, this.draft.geometry)) {
      throw sourceChanged(this.#name);
    }
    const upload = (this.#upload = this.#newUpload(opened));
    await upload.stage();
    await this.#keep(opened, upload, null);
    const encoded = await this.#pump.run(options.signal, ({ segment, pieces, hashes, done }) => {
      upload.send(segment, pieces, hashes);
      options.onProgress(done, opened.size, upload.active);
    });
    const receipts = await upload.seal(encoded.roots);
    const source = { path: options.path, name: this.#name };
    const { manifest, lineage } = await describeShare(deps, plan, source, opened, encoded);
    await this.#keep(opened, upload, { manifest, receipts });
    this.#committing = true;
    await commitShare(deps.catalog, plan.needed, manifest, receipts);
    void upload.dropLost();
    const confirmed = new Set(receipts.map(({ holder }) => holder.nodeId));
    return {
      shareId: plan.shareId,
      lineage: toHex(lineage),
      git: this.git,
      missing: upload.holders.map(({ nodeId }) => nodeId).filter((id) => !confirmed.has(id)),
      warnings: [
        ...plan.warnings,
        ...(upload.holders.includes(deps.localHolder)
          ? ['This peer holds a part itself, because there are too few others with room.']
          : []),
        ...(upload.holders.some(({ nodeId }) => !deps.stays(nodeId))
          ? [
              'Some of its holders did not promise to stay: it can be fetched while enough of them run.',
            ]
          : []),
        ...leftOutWarnings(opened),
      ],
      ignored: opened.leftOut.ignored,
    };
  }

  #newUpload({ geometry, kind, size }: OpenedMessage): Upload {
    const { deps, options, plan, draft } = this;
    const { shareId } = plan;
    const upload: Upload = new Upload({
      ...{ shareId, geometry },
      random: fromHex(plan.random),
      holders: plan.holders,
      spares: plan.spares,
      needed: plan.needed,
      resumes: draft !== null,
      isSigned: (receipt, holderId) => isReceiptOf(deps.membership, receipt, holderId),
      signal: options.signal,
      onSegment: (segment) => {
        this.#pump.more(segment);
      },
      watch: options.onPlanned?.({
        ...{ shareId, kind, size, geometry },
        holders: () => upload.holders.map(({ nodeId }) => nodeId),
      }),
    });
    return upload;
  }

  /** Before a piece is sent, and before COMMIT. */
  async #keep(
    { geometry, leftOut }: OpenedMessage,
    upload: Upload,
    sealed: { readonly manifest: Uint8Array; readonly receipts: readonly Receipt[] } | null,
  ): Promise<void> {
    const { kept } = this.options;
    if (kept === undefined) return;
    const isSmall = geometry.segments <= transferLimits.smallSegments;
    if (isSmall && sealed === null) return;
    const { shareId, random, keySeed } = this.plan;
    const draft: ShareDraft = {
      ...{ shareId, random, keySeed, geometry },
      holders: upload.holders.map(({ nodeId }) => nodeId),
      git: this.git,
      sealed: sealed && {
        manifest: toHex(sealed.manifest),
        receipts: sealed.receipts.map(({ holder, bytes }) => ({
          holder: holder.nodeId,
          bytes: toHex(bytes),
        })),
        ignored: leftOut.ignored,
      },
    };
    // Begun anew behind its COMMIT, it would be there twice.
    await (isSmall ? kept.note(draft) : kept.save(draft));
  }
}

function isReceiptOf(membership: Membership, receipt: Uint8Array, holderId: string): boolean {
  const holder = membership.member(holderId);
  return (
    holder !== undefined &&
    equalBytes(decodeReceipt(receipt).groupId, fromHex(membership.groupId)) &&
    verifyReceipt(receipt, holder.spki)
  );
}
