import { copyBytes } from '../common/bytes.js';
import { PeerError } from '../common/errors.js';
import { CHUNK_SIZE, PAYLOAD_SIZE } from './geometry.js';
import { nibbleTables, type Matrix } from './erasure.js';

/** Functions of kernel/index.ts. Addresses and sizes are bytes in its memory. */
interface KernelExports {
  readonly memory: WebAssembly.Memory;
  heapBase(): number;
  encode(
    k: number,
    m: number,
    chunks: number,
    tag: number,
    index: number,
    sealed: number,
    pieces: number,
    tables: number,
    targets: number,
  ): void;
  strip(chunks: number, piece: number, target: number): void;
  recover(
    k: number,
    rows: number,
    chunks: number,
    pieces: number,
    tables: number,
    targets: number,
  ): void;
  rebuild(
    k: number,
    chunks: number,
    tag: number,
    shard: number,
    index: number,
    pieces: number,
    target: number,
    tables: number,
    targets: number,
  ): void;
  check(
    chunks: number,
    tag: number,
    shard: number,
    index: number,
    piece: number,
    list: number,
  ): number;
}

/** What every chunk of a piece says in its header. */
export interface PieceName {
  /** First 4 bytes of the share id, as an integer. */
  readonly tag: number;
  /** Of the first shard when there are several pieces. */
  readonly shard: number;
  /** Of the first chunk, within the shard. */
  readonly index: number;
}

const pageSize = 64 * 1024;
const maxMemory = 2 ** 30;
const alignment = 64;

/**
 * The WebAssembly kernel: one per thread. Every call lays the memory out anew, so that a kernel can be used
 * for any number of shares in turn; it holds nothing but its memory, which grows with the largest segment.
 */
export class Kernel {
  readonly #exports: KernelExports;
  readonly #base: number;
  /** Whose tables lie at the start of the memory. */
  #loaded: Matrix | null = null;
  readonly #tables = new WeakMap<Matrix, Uint8Array>();

  private constructor(exports: KernelExports) {
    this.#exports = exports;
    this.#base = exports.heapBase();
  }

  /** An instance with memory of its own. `module` can be shared between threads. */
  static create(module: WebAssembly.Module): Kernel {
    const { exports } = new WebAssembly.Instance(module);
    return new Kernel(exports as unknown as KernelExports);
  }

  /**
   * Cuts a sealed segment of `sealedSize` bytes, which `fill` writes into the kernel's memory, into k data
   * pieces, and computes a parity piece for each row of `parity`. The pieces follow one another in `target`, or,
   * without one, in fresh memory.
   */
  encode(
    k: number,
    parity: Matrix,
    chunks: number,
    name: PieceName,
    sealedSize: number,
    fill: (sealed: Uint8Array) => void,
    target?: Uint8Array,
  ): Uint8Array[] {
    const m = parity.rows;
    const pieceSize = chunks * CHUNK_SIZE;
    const room = this.#layout([32 * k * m, 4 * m, sealedSize, (k + m) * pieceSize]);
    const [tables, targets, sealed, pieces] = room;
    this.#load(parity, tables);
    fill(this.#view(sealed, sealedSize));
    this.#exports.encode(k, m, chunks, name.tag, name.index, sealed, pieces, tables, targets);
    const all = target ?? new Uint8Array((k + m) * pieceSize);
    copyBytes(this.#view(pieces, (k + m) * pieceSize), all);
    return Array.from({ length: k + m }, (_, index) =>
      all.subarray(index * pieceSize, (index + 1) * pieceSize),
    );
  }

  /**
   * The sealed segment that k pieces make, in the kernel's memory until its next call. `pieces[i]` is data
   * piece i, or, for the positions listed in `missing`, any other piece; `recovery` has a row for each of these.
   */
  decode(
    pieces: readonly Uint8Array[],
    missing: readonly number[],
    recovery: Matrix,
    chunks: number,
  ): Uint8Array {
    const k = pieces.length;
    const pieceSize = chunks * CHUNK_SIZE;
    const partSize = chunks * PAYLOAD_SIZE;
    const rows = recovery.rows;
    const room = this.#layout([32 * k * rows, 4 * rows, k * partSize, k * pieceSize]);
    const [tables, targets, sealed, input] = room;
    pieces.forEach((piece, index) => {
      copyBytes(piece, this.#view(input + index * pieceSize, pieceSize));
      if (!missing.includes(index)) {
        this.#exports.strip(chunks, input + index * pieceSize, sealed + index * partSize);
      }
    });
    if (rows > 0) {
      this.#load(recovery, tables);
      const list = new Uint32Array(this.#exports.memory.buffer, targets, rows);
      list.set(missing.map((index) => sealed + index * partSize));
      this.#exports.recover(k, rows, chunks, input, tables, targets);
    }
    return this.#view(sealed, k * partSize);
  }

  /** One piece made of k others, by the one row of `recovery`, with its own headers. */
  rebuild(
    pieces: readonly Uint8Array[],
    recovery: Matrix,
    chunks: number,
    name: PieceName,
  ): Uint8Array {
    const k = pieces.length;
    const size = chunks * CHUNK_SIZE;
    const [tables, targets, target, input] = this.#layout([32 * k, 4, size, k * size]);
    pieces.forEach((piece, index) => {
      copyBytes(piece, this.#view(input + index * size, size));
    });
    this.#load(recovery, tables);
    const { tag, shard, index } = name;
    this.#exports.rebuild(k, chunks, tag, shard, index, input, target, tables, targets);
    return this.#view(target, size).slice();
  }

  /** Positions, within the piece, of the chunks whose header or checksum is wrong. */
  check(piece: Uint8Array, { tag, shard, index }: PieceName): number[] {
    const chunks = piece.byteLength / CHUNK_SIZE;
    const [, list, , input] = this.#layout([0, 4 * chunks, 0, piece.byteLength]);
    copyBytes(piece, this.#view(input, piece.byteLength));
    const count = this.#exports.check(chunks, tag, shard, index, input, list);
    return [...new Uint32Array(this.#exports.memory.buffer, list, count)];
  }

  /** Addresses of four regions of the given sizes, tables first, in memory that is large enough. */
  #layout(sizes: readonly [number, number, number, number]): [number, number, number, number] {
    const starts: [number, number, number, number] = [0, 0, 0, 0];
    let end = this.#base;
    sizes.forEach((size, index) => {
      starts[index] = end;
      end += Math.ceil(size / alignment) * alignment;
    });
    const { memory } = this.#exports;
    if (end > maxMemory) throw new PeerError('limit', 'A segment is too large for the kernel.');
    const short = end - memory.buffer.byteLength;
    if (short > 0) memory.grow(Math.ceil(short / pageSize));
    // With no tables of its own, the next region takes their place.
    if (sizes[0] === 0) this.#loaded = null;
    return starts;
  }

  #load(matrix: Matrix, at: number): void {
    if (this.#loaded === matrix) return;
    let tables = this.#tables.get(matrix);
    if (tables === undefined) {
      tables = nibbleTables(matrix);
      this.#tables.set(matrix, tables);
    }
    this.#view(at, tables.byteLength).set(tables);
    this.#loaded = matrix;
  }

  #view(start: number, length: number): Uint8Array {
    return new Uint8Array(this.#exports.memory.buffer, start, length);
  }
}
