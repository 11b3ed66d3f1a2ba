import { PeerError } from '../common/errors.js';
import {
  isSealOf,
  openSegment,
  sealOf,
  sealSegmentInto,
  type Seal,
  type SegmentName,
} from './cipher.js';
import { codingMatrix, pickRows, recoveryRows, type Matrix } from './erasure.js';
import {
  chunksPerPiece,
  isLast,
  pieceBytes,
  sealedBytes,
  segmentCapacity,
  shardInHeader,
  shards,
  validateGeometry,
  type Geometry,
} from './geometry.js';
import type { Kernel, PieceName } from './kernel.js';

export interface SegmentCodecOptions {
  /** 16 bytes. */
  readonly shareId: Uint8Array;
  readonly geometry: Geometry;
}

export interface EncodeOptions {
  /** Where the pieces go; fresh memory without it. */
  readonly target?: Uint8Array;
  /** The seal that this segment has had: it is sealed to the same bytes again. */
  readonly again?: Seal | undefined;
  readonly onSeal?: (seal: Seal) => void;
}

export interface DecodeOptions {
  /** Where the plaintext goes; fresh memory without it. */
  readonly target?: Uint8Array;
  readonly onSeal?: (seal: Seal) => void;
}

/** Recovery matrices that are kept: patterns of loss change seldom within a transfer. */
const maxRecoveries = 32;

/** Segments of one share ⇄ their pieces. Synchronous; the kernel may serve other codecs in between. */
export class SegmentCodec {
  readonly #geometry: Geometry;
  readonly #shareId: Uint8Array;
  readonly #tag: number;
  /** Rows of all shards; one column and row when k is 1, as all shards are copies. */
  readonly #coding: Matrix;
  readonly #parity: Matrix;
  readonly #recoveries = new Map<string, Matrix>();

  /** @throws PeerError for a geometry or share id that is none */
  constructor(
    private readonly kernel: Kernel,
    { shareId, geometry }: SegmentCodecOptions,
  ) {
    validateGeometry(geometry);
    if (shareId.byteLength !== 16) throw new PeerError('protocol', 'A share id has 16 bytes.');
    const { k } = geometry;
    const n = k === 1 ? 1 : shards(geometry);
    this.#geometry = geometry;
    this.#shareId = new Uint8Array(shareId);
    this.#tag = Buffer.from(shareId).readUInt32LE(0);
    this.#coding = codingMatrix(k, n);
    this.#parity = pickRows(
      this.#coding,
      Array.from({ length: n - k }, (_, index) => k + index),
    );
  }

  /**
   * Seals a segment under a fresh nonce and cuts it into its pieces, by shard; a single one when k is 1. They
   * lie one after the other in memory. Plaintext shorter than the segment is padded with zeros.
   *
   * @throws PeerError `integrity` when the segment was sealed before and held something else
   */
  encode(
    segment: number,
    plaintext: Uint8Array,
    key: Uint8Array,
    { target, again, onSeal }: EncodeOptions = {},
  ): Uint8Array[] {
    const g = this.#geometry;
    if (plaintext.byteLength > segmentCapacity(g, segment)) {
      throw new PeerError('internal', 'A segment holds less than it was given.');
    }
    const name = this.#segmentName(segment);
    return this.kernel.encode(
      g.k,
      this.#parity,
      chunksPerPiece(g, segment),
      this.#pieceName(segment, 0),
      sealedBytes(g, segment),
      (sealed) => {
        sealSegmentInto(key, name, plaintext, sealed, again);
        onSeal?.(sealOf(sealed));
      },
      target,
    );
  }

  /**
   * Plaintext of a segment, padding included, of any k pieces by shard; further ones are not looked at.
   * Chunk checksums are left alone, since the tag covers every byte: after `integrity`, `checkPiece` and
   * piece hashes tell whose piece is wrong.
   *
   * @throws PeerError `integrity`, `not-enough-shards`
   */
  decode(
    segment: number,
    pieces: ReadonlyMap<number, Uint8Array>,
    key: Uint8Array,
    { target, onSeal }: DecodeOptions = {},
  ): Uint8Array {
    const g = this.#geometry;
    const chosen = this.#choose(segment, pieces);
    const missing: number[] = [];
    const order: number[] = [];
    const spare = chosen.filter((shard) => shard >= g.k);
    for (let shard = 0; shard < g.k; shard++) {
      const own = chosen.includes(shard) || g.k === 1;
      if (!own) missing.push(shard);
      order.push(own ? shard : (spare.shift() ?? shard));
    }
    const input = g.k === 1 ? chosen : order;
    const sealed = this.kernel.decode(
      input.map((shard) => this.#piece(segment, pieces, shard)),
      missing,
      this.#recovery(order, missing),
      chunksPerPiece(g, segment),
    );
    const plaintext = openSegment(key, this.#segmentName(segment), sealed, target);
    onSeal?.(sealOf(sealed));
    return plaintext;
  }

  /** Whether a segment that has been sealed or opened held this plaintext, padding included. */
  isSealOf(segment: number, plaintext: Uint8Array, key: Uint8Array, seal: Seal): boolean {
    return isSealOf(key, this.#segmentName(segment), plaintext, seal);
  }

  /**
   * The piece of another shard, with its headers, of any k pieces. Needs no key and checks nothing: its
   * inputs have to be verified by their hashes, its result by the signed root.
   *
   * @throws PeerError `not-enough-shards`, `integrity` for a piece of another length
   */
  rebuild(segment: number, pieces: ReadonlyMap<number, Uint8Array>, shard: number): Uint8Array {
    this.#requireShard(shard);
    const chosen = this.#choose(segment, pieces);
    const input = chosen.map((one) => this.#piece(segment, pieces, one));
    const [only] = input;
    if (this.#geometry.k === 1 && only !== undefined) return only.slice();
    return this.kernel.rebuild(
      input,
      this.#recovery(chosen, [shard]),
      chunksPerPiece(this.#geometry, segment),
      this.#pieceName(segment, shard),
    );
  }

  /**
   * Positions in the piece (0 to q−1) of the chunks that are not what belongs there: version, tag, shard,
   * index, length or checksum. Empty when all is well.
   *
   * @throws PeerError `integrity` for a piece of another length
   */
  checkPiece(segment: number, shard: number, piece: Uint8Array): number[] {
    this.#requireShard(shard);
    this.#requireLength(segment, piece);
    return this.kernel.check(piece, this.#pieceName(segment, shard));
  }

  #segmentName(segment: number): SegmentName {
    return { shareId: this.#shareId, segment, last: isLast(this.#geometry, segment) };
  }

  #pieceName(segment: number, shard: number): PieceName {
    const g = this.#geometry;
    return { tag: this.#tag, shard: shardInHeader(g, shard), index: segment * g.q };
  }

  /** k shards, data before parity. */
  #choose(segment: number, pieces: ReadonlyMap<number, Uint8Array>): number[] {
    const { k } = this.#geometry;
    const chosen = [...pieces.keys()].sort((a, b) => a - b).slice(0, k);
    if (chosen.length < k) {
      throw new PeerError('not-enough-shards', `A segment needs ${k} pieces.`, {
        details: { needed: k, found: chosen.length },
      });
    }
    for (const shard of chosen) {
      this.#requireShard(shard);
      this.#piece(segment, pieces, shard);
    }
    return chosen;
  }

  #piece(segment: number, pieces: ReadonlyMap<number, Uint8Array>, shard: number): Uint8Array {
    const piece = pieces.get(shard);
    if (piece === undefined) throw new PeerError('internal', 'A chosen piece is not there.');
    this.#requireLength(segment, piece);
    return piece;
  }

  #recovery(given: readonly number[], wanted: readonly number[]): Matrix {
    const name = `${given.join()} ${wanted.join()}`;
    let rows = this.#recoveries.get(name);
    if (rows === undefined) {
      if (this.#recoveries.size >= maxRecoveries) this.#recoveries.clear();
      rows = recoveryRows(this.#coding, given, wanted);
      this.#recoveries.set(name, rows);
    }
    return rows;
  }

  #requireShard(shard: number): void {
    if (!Number.isInteger(shard) || shard < 0 || shard >= shards(this.#geometry)) {
      throw new PeerError('protocol', 'There is no such shard.');
    }
  }

  #requireLength(segment: number, piece: Uint8Array): void {
    if (piece.byteLength === pieceBytes(this.#geometry, segment)) return;
    throw new PeerError('integrity', 'A piece has another length than its place.');
  }
}
