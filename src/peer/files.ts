import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { fromHex } from '../common/bytes.js';
import { PeerError } from '../common/errors.js';
import type { Logger } from '../common/logger.js';
import type { StateStore } from '../store/store.js';
import type { Catalog, OpenedShare } from './catalog/catalog.js';
import { whileThere } from './catalog/whileThere.js';
import type { Blame } from './get/blame.js';
import { getFile, type Got } from './get/getFile.js';
import { discardGet, discardStray } from './get/workplace.js';
import type { Holder } from './holder.js';
import type { Holders } from './holders.js';
import type { JobThreads } from './jobs/jobThreads.js';
import type { FolderPart } from './jobs/messages.js';
import type { Membership, OwnIdentity } from './membership/membership.js';
import type { Reader } from './read/reader.js';
import { discardShare, shareFile, type Shared } from './share/shareFile.js';
import { sharesOf, type ShareOfPath } from './share/sharesOf.js';
import { freshTask, KeptTask, type TransferRows } from './transfers/keptTask.js';
import { asksTheSame, decodeTask, type TaskOf, type TransferTask } from './transfers/task.js';
import type { Keeping, ResumableTask, TransferProgress } from './transfers/transfer.js';
import type { Transfers } from './transfers/transfers.js';
import type { Traces } from './trace/traces.js';

export interface FilesOptions {
  readonly identity: OwnIdentity;
  readonly membership: Membership;
  readonly catalog: Catalog;
  readonly reader: Reader;
  readonly blame: Blame;
  readonly holders: Holders;
  readonly threads: JobThreads;
  readonly logger: Logger;
  readonly transfers: Transfers;
  readonly traces: Traces;
  readonly rows: TransferRows & Pick<StateStore, 'findShares'>;
  /** Where journals lie. */
  readonly folder: string;
  /** Resolves when those who can be reached were, and their news taken over. */
  readonly ready: () => Promise<void>;
  /** Another version of a lineage (hex) is there. */
  readonly onShared: (lineage: string) => void;
}

interface Left {
  readonly transferId: string;
  readonly startedAt: number;
  readonly task: TransferTask;
}

const never = new AbortController().signal;

/** Files and folders, shared and fetched: transfers that go on where they were, after a restart of the peer, too. */
export class Files {
  /** What the last run of this peer has left; none before it is asked for. */
  #left: Promise<readonly Left[]> = Promise.resolve([]);

  constructor(private readonly options: FilesOptions) {}

  async share(
    transferId: string,
    file: string,
    asked: {
      readonly redundancy: string;
      readonly ignore: boolean;
      readonly allowSecrets: boolean;
      /** Node ids of those who are to hold it before others. */
      readonly holders?: readonly string[];
    },
    signal: AbortSignal,
  ): Promise<Shared> {
    await this.options.ready();
    this.options.membership.currentEpoch(); // before anything is read: who has no key shares nothing
    const name = path.basename(file);
    const task = await this.#keep<'share'>(transferId, {
      ...{ kind: 'share', name, path: file },
      ...asked,
      holders: [...(asked.holders ?? [])],
    });
    return await this.#share(task, signal);
  }

  /** What was shared of a local path: see {@link sharesOf}. @throws PeerError `not-found` when there is nothing here */
  async sharesOf(file: string): Promise<readonly ShareOfPath[]> {
    const { identity, catalog, rows } = this.options;
    return await sharesOf(identity, catalog, rows, file);
  }

  async get(
    transferId: string,
    shareId: string,
    target: string,
    asked: {
      readonly overwrite: boolean;
      readonly acceptSame: boolean;
      readonly entries: readonly string[] | null;
    },
    signal: AbortSignal,
  ): Promise<Got> {
    await this.options.ready();
    const { info } = await this.options.catalog.open(shareId);
    const task = await this.#keep<'get'>(transferId, {
      ...{ kind: 'get', name: info.name, shareId, path: target },
      ...{ overwrite: asked.overwrite, acceptSame: asked.acceptSame },
      entries: asked.entries && [...asked.entries],
    });
    return await this.#get(task, signal);
  }

  /** Goes on with what the last run of this peer has left, in the background. */
  async goOn(): Promise<void> {
    this.#left = this.#readLeft();
    for (const { transferId, startedAt, task } of await this.#left) {
      this.#start(transferId, startedAt, task);
    }
  }

  /** @throws PeerError `not-found`, `usage` when nothing is left of it */
  async resume(transferId: string): Promise<void> {
    const kept = await this.options.transfers.resume(transferId);
    if (kept !== null) this.#start(transferId, kept.startedAt, { ...kept.task, paused: false });
  }

  #start(transferId: string, startedAt: number, task: TransferTask): void {
    const { rows, folder, logger } = this.options;
    const done =
      task.kind === 'share'
        ? this.#share(new KeptTask<'share'>(rows, folder, transferId, task, startedAt), never, true)
        : this.#get(new KeptTask<'get'>(rows, folder, transferId, task, startedAt), never, true);
    done.catch((error: unknown) => {
      const { code, message } = PeerError.from(error);
      logger.info('a transfer stopped', task.name, code, message);
    });
  }

  async #readLeft(): Promise<readonly Left[]> {
    const { rows } = this.options;
    const left: Left[] = [];
    for (const { task: text, ...row } of await rows.transfers()) {
      const task = decodeTask(text);
      if (task === null) await rows.dropTransfer(row.transferId);
      else left.push({ ...row, task });
    }
    await this.#removeStrays(new Set(left.map(({ task }) => task.journal)));
    return left;
  }

  /** A new task, or, when one asked for the same and nobody waits for it any more, what is left of that. */
  async #keep<K extends TransferTask['kind']>(
    transferId: string,
    asked: Omit<TaskOf<K>, 'paused' | 'journal' | 'draft'>,
  ): Promise<KeptTask<K>> {
    const { rows, folder, transfers } = this.options;
    await this.#left;
    const fresh = freshTask<K>(asked);
    const left = await transfers.handOver(({ task }) => asksTheSame(task, fresh));
    if (left === null) return new KeptTask<K>(rows, folder, transferId, fresh, null);
    const { journal, draft } = left.task as TaskOf<K>;
    const task = { ...fresh, journal, draft };
    const again = new KeptTask<K>(rows, folder, transferId, task, null);
    // At once, so that they become durable together: of two that go on with one journal each would undo the other.
    await Promise.all([again.save(again.draft), rows.dropTransfer(left.transferId)]);
    return again;
  }

  async #share(
    kept: KeptTask<'share'>,
    signal: AbortSignal,
    isUnattended = false,
  ): Promise<Shared> {
    const { identity, membership, catalog, threads, holders } = this.options;
    const { task } = kept;
    const holder = (nodeId: string): Holder => holders.any(nodeId);
    const deps = {
      ...{ identity, membership, catalog, threads, holder },
      localHolder: holders.any(identity.nodeId),
      remoteHolders: () => holders.remote(),
      stays: (nodeId: string) => holders.stays(nodeId),
    };
    const run = async (progress: TransferProgress): Promise<Shared> => {
      await this.options.ready();
      await this.#makeFolder();
      const { traces } = this.options;
      const shared = await shareFile(deps, {
        ...{ path: task.path, redundancy: task.redundancy, ignore: task.ignore, kept },
        allowSecrets: task.allowSecrets,
        holders: task.holders,
        ...{ signal: progress.signal, onProgress: progress.moved, goesOn: progress.goesOn },
        onPlanned: ({ geometry, ...planned }) => {
          const trace = traces.of(planned.shareId, geometry);
          traces.sends(kept.transferId, { ...planned, trace });
          return trace;
        },
      }).finally(() => {
        traces.stopped(kept.transferId);
      });
      progress.named({ shareId: shared.shareId });
      this.options.onShared(shared.lineage);
      return shared;
    };
    const undo = async (): Promise<void> => {
      if (kept.draft !== null) await discardShare(holder, kept.draft);
    };
    return await this.#run(kept, { shown: task.path, isUnattended, undo }, signal, run);
  }

  async #get(kept: KeptTask<'get'>, signal: AbortSignal, isUnattended = false): Promise<Got> {
    const { catalog } = this.options;
    const { task } = kept;
    // Of a part, its path would not tell what to do again.
    const shown = task.entries === null ? task.path : null;
    const run = async (progress: TransferProgress): Promise<Got> => {
      progress.named({ shareId: task.shareId });
      await this.options.ready();
      const share = await catalog.open(task.shareId);
      return await whileThere(catalog, task.shareId, progress.signal, (whileThere) =>
        this.#fetch(share, kept, progress, whileThere),
      );
    };
    const undo = (): Promise<void> => discardGet(kept, fromHex(task.shareId));
    return await this.#run(kept, { shown, isUnattended, undo }, signal, run);
  }

  async #fetch(
    share: OpenedShare,
    kept: KeptTask<'get'>,
    progress: TransferProgress,
    signal: AbortSignal,
  ): Promise<Got> {
    const { catalog, threads, logger, holders, blame, traces } = this.options;
    const { shareId, path: target, overwrite, acceptSame, entries } = kept.task;
    await this.#makeFolder();
    await holders.reach(share, signal);
    const trace = traces.of(shareId, share.manifest.geometry);
    return await getFile({
      ...{ share, blame, threads, logger, path: target, kept, signal },
      holder: (nodeId) => holders.get(nodeId),
      ...{ overwrite, acceptSame },
      watch: trace,
      folder: await this.#folderPart(share, entries, signal),
      locations: await catalog.locations(shareId),
      ...{ onProgress: progress.moved, goesOn: progress.goesOn },
    });
  }

  #run<T>(
    kept: ResumableTask,
    about: {
      readonly shown: string | null;
      readonly isUnattended: boolean;
      readonly undo: () => Promise<void>;
    },
    signal: AbortSignal,
    task: (progress: TransferProgress) => Promise<T>,
  ): Promise<T> {
    const { transferId } = kept;
    const { kind, name } = kept.task;
    const keeping: Keeping = {
      task: kept,
      isUnattended: about.isUnattended,
      discard: async () => {
        await about.undo().catch(() => undefined); // best effort: it is over in any case
        await kept.drop();
      },
    };
    return this.options.transfers.run(
      { transferId, kind, name, path: about.shown },
      signal,
      task,
      keeping,
    );
  }

  /** Of a folder, its tree comes first. @throws PeerError `not-found` for an entry that a single file does not have */
  async #folderPart(
    { info, row }: OpenedShare,
    wanted: readonly string[] | null,
    signal: AbortSignal,
  ): Promise<FolderPart | null> {
    if (info.kind === 'folder') {
      const { start, bytes } = await this.options.reader.tail(row.shareId, signal);
      return { tail: bytes, tailStart: start, wanted };
    }
    const foreign = wanted?.find((entry) => entry !== info.name);
    if (foreign === undefined) return null;
    throw new PeerError('not-found', `There is no “${foreign}” in this share.`, {
      hint: 'It is a single file.',
    });
  }

  #makeFolder(): Promise<unknown> {
    return mkdir(this.options.folder, { recursive: true, mode: 0o700 });
  }

  /** What a process that was killed has left of transfers that were too young to be kept. */
  async #removeStrays(known: ReadonlySet<string>): Promise<void> {
    const { folder, logger } = this.options;
    const names = await readdir(folder).catch(() => []);
    for (const name of names) {
      if (known.has(name)) continue;
      await discardStray(path.join(folder, name)).catch((error: unknown) => {
        logger.warn('what a transfer has left stays', PeerError.from(error).message);
      });
    }
  }
}
