import type { MessagePort } from 'node:worker_threads';
import { Kernel } from '../../chunk/kernel.js';
import { diskError, layoutOf } from '../layout.js';
import {
  type CallMessage,
  type FromWorker,
  type Reply,
  toWireError,
  type ToWorker,
} from '../rpc.js';
import { ShardFiles } from './shardFiles.js';

export interface ShardWorkerData {
  readonly dataDir: string;
  readonly kernel: WebAssembly.Module;
}

/** What the main thread may call. */
export type ShardHandlers = ReturnType<typeof shardHandlers>;

/** Owns the shard files that change: receives, hashes, seals, commits, scans. */
export function runShardWorker(port: MessagePort, { dataDir, kernel }: ShardWorkerData): void {
  let instance: Kernel | undefined;
  const files = new ShardFiles(layoutOf(dataDir), () => (instance ??= Kernel.create(kernel)));
  const cancels = new Map<number, AbortController>();

  const reply = (answer: Reply): void => {
    port.postMessage({ type: 'replies', replies: [answer] } satisfies FromWorker);
  };
  const run = async ({ id, method, args }: CallMessage): Promise<void> => {
    const cancel = new AbortController();
    cancels.set(id, cancel);
    const report = (progress: number): void => {
      reply({ id, progress });
    };
    try {
      const handlers = shardHandlers(files, report, cancel.signal);
      const handler = handlers[method as keyof ShardHandlers] as (
        ...args: readonly unknown[]
      ) => unknown;
      reply({ id, value: await handler(...args) });
    } catch (error) {
      reply({ id, error: toWireError(diskError(error)) });
    } finally {
      cancels.delete(id);
    }
  };
  const running = new Set<Promise<void>>();
  const close = async (): Promise<void> => {
    for (const cancel of cancels.values()) cancel.abort();
    await Promise.all(running);
    await files.close();
    port.close();
  };
  port.on('message', (message: ToWorker) => {
    switch (message.type) {
      case 'calls':
        for (const call of message.calls) {
          const task = run(call).finally(() => running.delete(task));
          running.add(task);
        }
        break;
      case 'cancel':
        cancels.get(message.id)?.abort();
        break;
      case 'close':
        void close();
    }
  });
  port.postMessage({ type: 'ready', info: null } satisfies FromWorker);
}

function shardHandlers(files: ShardFiles, report: (chunks: number) => void, signal: AbortSignal) {
  return {
    stage: files.stage.bind(files),
    writePiece: files.writePiece.bind(files),
    stagedHashes: files.stagedHashes.bind(files),
    seal: files.seal.bind(files),
    commit: files.commit.bind(files),
    abort: files.abort.bind(files),
    hide: files.hide.bind(files),
    remove: files.remove.bind(files),
    check: files.check.bind(files),
    mend: files.mend.bind(files),
    rehash: files.rehash.bind(files),
    putHashes: files.putHashes.bind(files),
    held: files.held.bind(files),
    allHeld: files.allHeld.bind(files),
    storedBytes: files.storedBytes.bind(files),
    scan: (shareId: string, shard: number) => files.scan(shareId, shard, report, signal),
  };
}
