import { createHmac, randomBytes } from 'node:crypto';
import { realpathSync } from 'node:fs';
import path from 'node:path';
import { newContentKey } from '../../chunk/cipher.js';
import { validateEntryName } from '../../chunk/entryName.js';
import { signManifest } from '../../chunk/manifest.js';
import { decodeReceipt, verifyReceipt } from '../../chunk/receipt.js';
import { sealInfo, type SealedInfo } from '../../chunk/sealedInfo.js';
import { newShareId } from '../../chunk/shareId.js';
import { equalBytes, fromHex, toHex } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import type { Catalog } from '../catalog/catalog.js';
import type { Holder } from '../holder.js';
import { JobThread, type JobRuntime } from '../jobs/jobThread.js';
import type { LeftOut, OpenedMessage, SharedMessage } from '../jobs/messages.js';
import type { Membership, OwnIdentity } from '../membership/membership.js';
import { parseRedundancy, quorum, rankHolders, type Redundancy } from '../placement.js';
import { Upload } from './upload.js';

/** Segments that a share may have in memory at once: encoded, and on the way. */
const segmentsInFlight = 10;

export interface ShareDependencies {
  readonly identity: OwnIdentity;
  readonly membership: Membership;
  readonly catalog: Catalog;
  readonly runtime: JobRuntime;
  /** Members that can be reached now, without this peer. */
  readonly remoteHolders: () => readonly Holder[];
  readonly localHolder: Holder;
}

export interface ShareOptions {
  /** Absolute path of a file or folder. */
  readonly path: string;
  readonly redundancy: string;
  /** Whether `.gitignore` files are honoured. */
  readonly ignore: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number, peers: number) => void;
}

export interface Shared {
  readonly shareId: string;
  /** Hex. */
  readonly lineage: string;
  /** Node ids of chosen holders that did not confirm. */
  readonly missing: readonly string[];
  readonly warnings: readonly string[];
  /** Entries of a folder that `.gitignore` left out; a folder in it counts as one. */
  readonly ignored: number;
}

/**
 * Shares one file or folder: STAGE, pieces, receipts, COMMIT. When it resolves, the share is durable on enough holders
 * and listed; when it rejects, nothing is listed.
 *
 * @throws PeerError `too-few-peers`, `not-found`, `not-a-file`, `source-changed`, `cancelled`, `disk`
 */
export async function shareFile(deps: ShareDependencies, options: ShareOptions): Promise<Shared> {
  const name = path.basename(options.path);
  validateEntryName(name);
  const plan = choose(deps, options.redundancy);
  const { identity, membership } = deps;
  const author = fromHex(identity.nodeId);
  const { shareId, random } = newShareId(fromHex(membership.groupId), author);
  const contentKey = newContentKey();
  const id = toHex(shareId);
  const shards = plan.k + plan.m;
  // This peer comes last: it takes a part where there are too few others, or none with room; never the only one.
  const ranked = rankHolders(
    id,
    plan.remote.map(({ nodeId }) => nodeId),
  )
    .map((nodeId) => plan.remote.find((holder) => holder.nodeId === nodeId))
    .filter((holder) => holder !== undefined)
    .concat(shards > 1 ? deps.localHolder : []);

  const pump = new SharePump(deps.runtime, {
    kind: 'share',
    path: options.path,
    name,
    ignore: options.ignore,
    shareId,
    contentKey,
    k: plan.k,
    m: plan.m,
  });
  let upload: Upload | undefined;
  let committing = false;
  try {
    const opened = await pump.opened(options.signal);
    const started = (upload = new Upload({
      shareId: id,
      geometry: opened.geometry,
      random,
      holders: ranked.slice(0, shards),
      spares: ranked.slice(shards),
      needed: quorum(plan),
      isSigned: (receipt, holderId) => isReceiptOf(membership, receipt, holderId),
      signal: options.signal,
      onSegment: (segment) => {
        pump.more(segment);
      },
    }));
    await started.stage();
    const encoded = await pump.run(options.signal, (segment, pieces, done) => {
      started.send(segment, pieces);
      options.onProgress(done, opened.size, started.active);
    });
    const receipts = await started.seal(encoded.roots);
    const lineage = lineageOf(identity, options.path);
    // As late as possible: what was shared meanwhile of the same path comes before this.
    const previous = await deps.catalog.newestVersion(identity.nodeId, toHex(lineage));
    // Only now: somebody may have been removed since the start, who must not read it.
    const epoch = membership.currentEpoch();
    const unsigned = {
      shareId,
      groupId: fromHex(membership.groupId),
      authorId: author,
      random,
      geometry: opened.geometry,
      roots: [...encoded.roots],
      epoch: fromHex(epoch.name),
      salt: randomBytes(16),
      createdAt: timeAfter(previous?.createdAt ?? 0),
      lineage,
      predecessor: previous === null ? null : fromHex(previous.shareId),
    };
    const info = sealedInfo(name, contentKey, opened, encoded);
    const manifest = signManifest(
      { ...unsigned, sealed: sealInfo(info, unsigned, epoch.key) },
      (data) => identity.sign(data),
    );
    committing = true;
    await commit(deps, plan, manifest, receipts);
    void started.dropLost();
    const confirmed = new Set(receipts.map(({ holder }) => holder.nodeId));
    const missing = started.holders
      .map(({ nodeId }) => nodeId)
      .filter((node) => !confirmed.has(node));
    return {
      shareId: id,
      lineage: toHex(lineage),
      missing,
      warnings: [
        ...plan.warnings,
        ...selfWarnings(started.holders.includes(deps.localHolder)),
        ...leftOutWarnings(opened),
      ],
      ignored: opened.leftOut.ignored,
    };
  } catch (error) {
    await pump.stop();
    // One COMMIT that arrived lists the share: from then on no holder is told to drop what it promised to keep.
    if (!committing) await upload?.abort();
    throw error;
  } finally {
    await pump.stop();
  }
}

interface Plan extends Redundancy {
  readonly remote: readonly Holder[];
  readonly warnings: readonly string[];
}

function choose(deps: ShareDependencies, text: string): Plan {
  const remote = deps.remoteHolders();
  if (remote.length === 0) {
    throw new PeerError('too-few-peers', 'No other peer of the group can be reached.', {
      hint: 'Start another peer, or invite one.',
    });
  }
  const { k, m } = parseRedundancy(text, remote.length);
  const short = k + m - remote.length;
  if (short > 1) {
    throw new PeerError(
      'too-few-peers',
      `${text} needs ${k + m} peers; ${remote.length} can be reached.`,
      { hint: 'Start more peers, or choose a lower redundancy.', details: { needed: k + m } },
    );
  }
  const warnings: string[] = [];
  if (m === 0) warnings.push('Only one peer holds this file: if it is lost, the file is lost.');
  if (remote.length < 4) {
    warnings.push(`Only ${remote.length} other peers can be reached; four or more are better.`);
  }
  return { k, m, remote, warnings };
}

function selfWarnings(holdsItself: boolean): string[] {
  return holdsItself
    ? ['This peer holds a part itself, because there are too few others with room.']
    : [];
}

function isReceiptOf(membership: Membership, receipt: Uint8Array, holderId: string): boolean {
  const holder = membership.member(holderId);
  return (
    holder !== undefined &&
    equalBytes(decodeReceipt(receipt).groupId, fromHex(membership.groupId)) &&
    verifyReceipt(receipt, holder.spki)
  );
}

/** COMMIT to every holder with a receipt; the share counts when enough of them have it on disk. */
async function commit(
  deps: ShareDependencies,
  plan: Plan,
  manifest: Uint8Array,
  receipts: readonly { readonly holder: Holder; readonly bytes: Uint8Array }[],
): Promise<void> {
  const wires = receipts.map(({ bytes }) => bytes);
  const results = await Promise.allSettled(
    receipts.map(({ holder }) => holder.commit(manifest, wires)),
  );
  const confirmed = results.filter(({ status }) => status === 'fulfilled').length;
  if (confirmed < quorum(plan)) {
    throw new PeerError(
      'too-few-peers',
      'Too many peers went away before they confirmed the file.',
      {
        hint: 'It may still appear; if it does not within a minute, share it again.',
        cause: results.find((result) => result.status === 'rejected')?.reason,
      },
    );
  }
  await deps.catalog.take(manifest, wires);
}

/**
 * Shares of one path by one author are versions. Keyed with what this peer alone can compute, so that it tells nobody
 * anything of the path, and stays the same when the group changes its keys.
 */
function lineageOf(identity: OwnIdentity, file: string): Uint8Array {
  return createHmac('sha256', identity.agree(identity.ecdhPublic))
    .update(`chunk-partitioner/1/lineage\0${identity.nodeId}\0${realpathSync(file)}`)
    .digest()
    .subarray(0, 16);
}

/** Now, by this peer's clock, and later than the version before, which a wrong clock may have put years ahead. */
function timeAfter(previous: number): number {
  return Math.min(Math.max(Date.now(), previous + 1), Number.MAX_SAFE_INTEGER);
}

function sealedInfo(
  name: string,
  contentKey: Uint8Array,
  opened: OpenedMessage,
  shared: SharedMessage,
): SealedInfo {
  return {
    contentKey,
    size: opened.treeOffset + opened.treeLength,
    treeOffset: opened.treeOffset,
    treeLength: opened.treeLength,
    treeDigest: shared.treeDigest,
    name,
    kind: opened.kind,
    entries: opened.entries,
    totalSize: opened.size,
    sha256: opened.kind === 'file' ? shared.sha256 : new Uint8Array(32),
  };
}

function leftOutWarnings({ leftOut: { links, special } }: OpenedMessage): string[] {
  const names = ({ count, some }: LeftOut): string =>
    some.join(', ') + (count > some.length ? `, and ${count - some.length} more` : '');
  return [
    ...(links.count > 0 ? [`Left out, because they lead out of the folder: ${names(links)}.`] : []),
    ...(special.count > 0 ? [`Left out, because they are no files: ${names(special)}.`] : []),
  ];
}

type OnEncoded = (segment: number, pieces: readonly Uint8Array[], done: number) => void;

/** The reading side of a share: a thread that produces segments while it has credits. */
class SharePump {
  readonly #thread: JobThread;
  readonly #opened = Promise.withResolvers<OpenedMessage>();
  readonly #shared = Promise.withResolvers<SharedMessage>();
  #onEncoded: OnEncoded = () => undefined;
  /** Where the pieces of a segment lie that is on its way. */
  readonly #slots = new Map<number, number>();

  constructor(runtime: JobRuntime, input: ConstructorParameters<typeof JobThread>[1]) {
    this.#opened.promise.catch(() => undefined);
    this.#shared.promise.catch(() => undefined);
    this.#thread = new JobThread(runtime, input, (message) => {
      if (message.type === 'opened') this.#opened.resolve(message);
      else if (message.type === 'encoded') {
        this.#slots.set(message.segment, message.slot);
        this.#onEncoded(message.segment, message.pieces, message.done);
      } else if (message.type === 'shared') this.#shared.resolve(message);
      else if (message.type === 'failed') this.#fail(PeerError.fromInfo(message.error));
    });
  }

  opened(signal: AbortSignal): Promise<OpenedMessage> {
    signal.addEventListener(
      'abort',
      () => {
        this.#fail(new PeerError('cancelled', 'The share was cancelled.'));
      },
      { once: true },
    );
    return this.#opened.promise;
  }

  run(signal: AbortSignal, onEncoded: OnEncoded): Promise<SharedMessage> {
    this.#onEncoded = (segment, pieces, done) => {
      if (signal.aborted) return;
      try {
        onEncoded(segment, pieces, done);
      } catch (error) {
        this.#fail(PeerError.from(error));
      }
    };
    for (let slot = 0; slot < segmentsInFlight; slot++) this.#thread.post({ type: 'more', slot });
    return this.#shared.promise;
  }

  /** This segment has been sent: its memory is free for another one. */
  more(segment: number): void {
    const slot = this.#slots.get(segment);
    if (slot === undefined) return;
    this.#slots.delete(segment);
    this.#thread.post({ type: 'more', slot });
  }

  stop(): Promise<void> {
    return this.#thread.stop();
  }

  #fail(error: PeerError): void {
    this.#opened.reject(error);
    this.#shared.reject(error);
  }
}
