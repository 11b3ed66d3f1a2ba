import type { MessagePort } from 'node:worker_threads';
import { Kernel } from '../../chunk/kernel.js';
import { SegmentCodec } from '../../chunk/segment.js';
import { pieceHash } from '../../chunk/shardRoot.js';
import { toHex } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import type {
  FromReader,
  OpenedSegment,
  ReadCalls,
  ReadMethod,
  RebuiltPiece,
  ToReader,
} from './messages.js';
import { TreeIndex } from './treeIndex.js';

export interface ReadWorkerData {
  readonly role: 'read';
  readonly kernel: WebAssembly.Module;
}

type Handlers = { [M in ReadMethod]: (params: ReadCalls[M]['params']) => ReadCalls[M]['result'] };

/** Answers calls until it is told to end. */
export function runReadWorker(port: MessagePort, { kernel }: ReadWorkerData): void {
  const handlers = readHandlers(Kernel.create(kernel));
  port.on('message', (message: ToReader) => {
    if (message === null) {
      port.close();
      return;
    }
    const { id, method, params } = message;
    try {
      // Called by ReadThread of the same build.
      const handler = handlers[method] as (params: unknown) => unknown;
      const value = handler(params);
      port.postMessage({ id, value } satisfies FromReader, buffersOf(method, value));
    } catch (error) {
      port.postMessage({ id, error: PeerError.from(error).toInfo() } satisfies FromReader);
    }
  });
}

function readHandlers(kernel: Kernel): Handlers {
  const trees = new Map<string, TreeIndex>();
  /** Of the share that was read last. */
  let last: { readonly id: string; readonly codec: SegmentCodec } | undefined;
  const codecOf = (share: ConstructorParameters<typeof SegmentCodec>[1]): SegmentCodec => {
    const id = toHex(share.shareId);
    if (last?.id !== id) last = { id, codec: new SegmentCodec(kernel, share) };
    return last.codec;
  };
  return {
    open: ({ share, segment, pieces }) => {
      const codec = codecOf(share);
      return {
        plaintext: open(codec, segment, pieces, share.contentKey),
        hashes: hashesOf(pieces),
      };
    },
    rebuild: ({ share, segment, pieces, shard }) => {
      const all = new Map(pieces);
      const piece = all.get(shard)?.slice() ?? codecOf(share).rebuild(segment, all, shard);
      return { piece, hashes: hashesOf(pieces) };
    },
    keep: ({ share, bytes, digest, total }) => {
      trees.set(share, new TreeIndex(bytes, digest, total));
      return null;
    },
    forget: ({ share }) => {
      trees.delete(share);
      return null;
    },
    entry: ({ share, path }) => {
      const tree = trees.get(share);
      return tree === undefined ? null : tree.find(path);
    },
    list: ({ share, ...page }) => {
      const tree = trees.get(share);
      return tree === undefined ? null : { ...tree.list(page), git: tree.git };
    },
  };
}

function hashesOf(
  pieces: readonly (readonly [number, Uint8Array])[],
): (readonly [number, Uint8Array])[] {
  return pieces.map(([shard, piece]) => [shard, pieceHash(piece)]);
}

function open(
  codec: SegmentCodec,
  segment: number,
  pieces: readonly (readonly [number, Uint8Array])[],
  key: Uint8Array,
): Uint8Array | null {
  try {
    return codec.decode(segment, new Map(pieces), key); // in memory of its own, to be handed over
  } catch (error) {
    if (PeerError.is(error, 'integrity', 'protocol')) return null;
    throw error;
  }
}

/** What is handed over instead of copied. */
function buffersOf(method: ReadMethod, value: unknown): ArrayBuffer[] {
  if (method === 'rebuild') return [(value as RebuiltPiece).piece.buffer as ArrayBuffer];
  if (method !== 'open') return [];
  const { plaintext } = value as OpenedSegment;
  return plaintext === null ? [] : [plaintext.buffer as ArrayBuffer];
}
