import { BoundedMap } from '../../common/boundedMap.js';
import { PeerError } from '../../common/errors.js';
import type { RangeSource } from './rangeSource.js';

/** Bytes of a block, the last one of a file excepted. */
export const blockSize = 64 * 1024;

/** Blocks that are kept: 4 MiB. */
const mostKept = 64;

/** Most blocks that are read at once: an answer of 1 MiB is taken in without the editor noticing. */
export const mostAtOnce = 16;

/** A file in blocks, the last ones that were used kept: the same screen is not read twice, and memory has a bound. */
export class Blocks {
  readonly #kept = new BoundedMap<number, Uint8Array>(mostKept);

  /** @param onRead told of every block that was read, in whatever order */
  constructor(
    private readonly source: RangeSource,
    private readonly onRead: (index: number, bytes: Uint8Array) => void = () => undefined,
  ) {}

  get size(): number {
    return this.source.size;
  }

  /** Bytes `from` to `to` (exclusive), as far as the file goes. @throws {PeerError} */
  async bytes(from: number, to: number, signal: AbortSignal): Promise<Uint8Array> {
    const end = Math.min(to, this.size);
    if (from >= end) return new Uint8Array(0);
    const first = Math.floor(from / blockSize);
    const last = Math.floor((end - 1) / blockSize);
    const whole = await this.#blocks(first, last, signal);
    return whole.subarray(from - first * blockSize, end - first * blockSize);
  }

  /** A run of whole blocks for somebody who passes by, who uses each once: none is kept. @throws {PeerError} */
  async passing(first: number, count: number, signal: AbortSignal): Promise<Uint8Array> {
    return await this.#read(first, Math.min(count, mostAtOnce), signal);
  }

  /** Blocks `first` to `last` in one piece. */
  async #blocks(first: number, last: number, signal: AbortSignal): Promise<Uint8Array> {
    const known = this.#kept.get(first);
    if (first === last && known !== undefined) return known;
    const parts: Uint8Array[] = [];
    for (let at = first; at <= last;) {
      const kept = this.#kept.get(at);
      const missing = kept === undefined ? this.#missing(at, last) : 0;
      const bytes = kept ?? (await this.#read(at, missing, signal));
      parts.push(bytes);
      for (let index = 0; index < missing; index += 1) {
        const start = index * blockSize;
        this.#kept.set(at + index, bytes.subarray(start, start + blockSize));
      }
      at += Math.max(1, missing);
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  }

  /** How many blocks from `at` on are not kept, at most what is read at once. */
  #missing(at: number, last: number): number {
    let count = 1;
    while (count < mostAtOnce && at + count <= last && this.#kept.get(at + count) === undefined) {
      count += 1;
    }
    return count;
  }

  async #read(first: number, count: number, signal: AbortSignal): Promise<Uint8Array> {
    const offset = first * blockSize;
    const length = Math.min(count * blockSize, this.size - offset);
    if (length <= 0) return new Uint8Array(0);
    const bytes = await this.source.read(offset, length, signal);
    if (bytes.byteLength !== length) {
      throw new PeerError('internal', 'The peer gave fewer bytes than the file has.');
    }
    for (let start = 0; start < length; start += blockSize) {
      this.onRead(first + start / blockSize, bytes.subarray(start, start + blockSize));
    }
    return bytes;
  }
}
