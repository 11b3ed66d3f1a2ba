/**
 * What a peer cannot get back from its shards or from others when the database is lost: roster
 * records (a group of one has them nowhere else) and settings. Kept beside the database as frames
 *
 *     length u32 LE ‖ SHA-256 of the payload 32 ‖ payload = CBOR [1, record] or [2, key, value]
 *
 * A torn tail is cut off when the log is opened. Frames may repeat; of settings the last one counts.
 */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { decodeCbor, encodeCbor } from '../../chunk/cbor.js';
import { equalBytes, toHex } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import { bytesUpTo } from '../../common/schema.js';
import { fileMode, syncDirectory, writeDurably, writeFully } from '../layout.js';
import { stateLimits } from '../limits.js';

const frameHeader = 36;

const payloadSchema = z.union([
  z.tuple([z.literal(1), bytesUpTo(stateLimits.payloadBytes)]),
  z.tuple([z.literal(2), z.string(), z.string()]),
]);

export interface Recovered {
  readonly records: readonly Uint8Array[];
  readonly settings: ReadonlyMap<string, string>;
}

export class RecoveryLog {
  #fd: number;
  #size: number;
  #unwritten: Uint8Array[] = [];
  /** What the log said when it was opened. */
  readonly recovered: Recovered;

  constructor(file: string) {
    const isNew = !existsSync(file);
    const { recovered, end } = read(isNew ? new Uint8Array(0) : readFileSync(file));
    this.recovered = recovered;
    const compact = frames(recovered);
    const compactSize = compact.reduce((sum, frame) => sum + frame.byteLength, 0);
    const rewrite = end > stateLimits.compactAboveBytes && end > compactSize * 2;
    if (rewrite) writeDurably(file, compact);
    this.#fd = openSync(file, isNew ? 'w+' : 'r+', fileMode);
    this.#size = rewrite ? compactSize : end;
    ftruncateSync(this.#fd, this.#size);
    if (isNew) syncDirectory(path.dirname(file));
  }

  addRecord(bytes: Uint8Array): void {
    this.#unwritten.push(frame([1, bytes]));
  }

  addSetting(key: string, value: string): void {
    this.#unwritten.push(frame([2, key, value]));
  }

  /** Marks a place to which {@link rollback} returns when a request fails. */
  mark(): number {
    return this.#unwritten.length;
  }

  rollback(mark: number): void {
    this.#unwritten.length = mark;
  }

  /** Before the database commits: nothing counts that is not here, too. */
  flush(): void {
    if (this.#unwritten.length === 0) return;
    const bytes = Buffer.concat(this.#unwritten);
    this.#unwritten = [];
    // A failed write leaves #size where it was: the next one overwrites the torn frame.
    writeFully(this.#fd, bytes, this.#size);
    fsyncSync(this.#fd);
    this.#size += bytes.byteLength;
  }

  /** Where the next frame goes. */
  get size(): number {
    return this.#size;
  }

  /** The database did not commit: what was written since the log had this size must not be taken over from it. */
  cutBack(size: number): void {
    this.#unwritten = [];
    if (this.#size === size) return;
    this.#size = size;
    try {
      ftruncateSync(this.#fd, size);
      fsyncSync(this.#fd);
    } catch {
      // The next frame overwrites it.
    }
  }

  close(): void {
    closeSync(this.#fd);
  }
}

function frame(payload: z.infer<typeof payloadSchema>): Uint8Array {
  const body = encodeCbor(payload);
  if (body.byteLength > stateLimits.payloadBytes) {
    throw new PeerError('limit', 'A record or setting is too long.');
  }
  const header = Buffer.alloc(4);
  header.writeUInt32LE(body.byteLength);
  return Buffer.concat([header, createHash('sha256').update(body).digest(), body]);
}

function frames({ records, settings }: Recovered): Uint8Array[] {
  return [
    ...records.map((record) => frame([1, record])),
    ...[...settings].map(([key, value]) => frame([2, key, value])),
  ];
}

function read(file: Uint8Array): { recovered: Recovered; end: number } {
  const records = new Map<string, Uint8Array>();
  const settings = new Map<string, string>();
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let at = 0;
  while (at + frameHeader <= file.byteLength) {
    const length = view.getUint32(at, true);
    const end = at + frameHeader + length;
    if (length > stateLimits.payloadBytes || end > file.byteLength) break;
    const digest = file.subarray(at + 4, at + frameHeader);
    const body = file.subarray(at + frameHeader, end);
    at = end;
    // A frame that rotted is stepped over; what follows it is still good.
    if (!equalBytes(createHash('sha256').update(body).digest(), digest)) continue;
    const payload = decodeCbor(body, payloadSchema, stateLimits.payloadBytes);
    if (payload[0] === 1) records.set(toHex(digest), payload[1].slice());
    else settings.set(payload[1], payload[2]);
  }
  return { recovered: { records: [...records.values()], settings }, end: at };
}
