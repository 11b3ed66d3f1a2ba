import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { Seal } from '../../chunk/cipher.js';
import { SEAL_OVERHEAD } from '../../chunk/geometry.js';
import { equalBytes } from '../../common/bytes.js';
import {
  decodeIdentity,
  encodeIdentity,
  identitySize,
  isSame,
  type FileIdentity,
} from './fileIdentity.js';

const magic = Buffer.from('CPSEALS2');
const shareIdSize = 16;
const ownerAt = magic.byteLength + shareIdSize;
const partAt = ownerAt + identitySize + 4;
/** Longest path that a system takes is shorter. */
const longestPart = 64 * 1024;
const recordSize = 4 + SEAL_OVERHEAD + 4;

/**
 * How far a transfer has come: the seals of segments that are done with. Nothing is believed for being in it: who goes on
 * reads each segment again and holds it against its seal. So it is never flushed, and may lack its end or lie about a file
 * that a power cut took.
 *
 * Header: magic 8 ‖ share id 16 ‖ device, inode and time of birth, u64 each, of what is written (zeros for a share, and
 * until that is made) ‖ bytes u32 of its path ‖ path in UTF-8 (none for a share) ‖ CRC-32; then records of
 * segment u32 ‖ seal 28 ‖ CRC-32. Little-endian.
 */
export class SealJournal {
  readonly #seals: Map<number, Seal>;
  /** Where the next record goes. */
  #end: number;
  #closed = false;

  private constructor(
    private readonly file: number,
    private readonly header: Buffer,
    read: Contents | null,
  ) {
    this.#seals = read?.seals ?? new Map<number, Seal>();
    this.#end = read?.size ?? header.byteLength;
  }

  /**
   * A new one, in place of any that is there.
   *
   * @param part absolute path of what is about to be made and written; empty for a share
   */
  static create(file: string, shareId: Uint8Array, part: string): SealJournal {
    const path = Buffer.from(part);
    const header = Buffer.alloc(partAt + path.byteLength + 4);
    magic.copy(header);
    header.set(shareId, magic.byteLength);
    header.writeUInt32LE(path.byteLength, partAt - 4);
    header.set(path, partAt);
    addChecksum(header);
    const opened = openSync(file, 'w', 0o600);
    writeSync(opened, header);
    return new SealJournal(opened, header, null);
  }

  /** Goes on with one that is there; null when it is none of this share, or about another file. */
  static resume(file: string, shareId: Uint8Array, owner: FileIdentity): SealJournal | null {
    const read = readJournal(file, shareId);
    if (read === null || !isSame(read.owner, owner)) return null;
    const opened = openSync(file, constants.O_RDWR);
    ftruncateSync(opened, read.size); // a record that was cut off
    return new SealJournal(opened, read.header, read);
  }

  /** What is written is made. */
  setOwner(owner: FileIdentity): void {
    this.header.set(encodeIdentity(owner), ownerAt);
    addChecksum(this.header);
    writeSync(this.file, this.header, 0, this.header.byteLength, 0);
  }

  /** What an earlier run was done with, by segment. */
  get seals(): ReadonlyMap<number, Seal> {
    return this.#seals;
  }

  /** What cannot be written is done again by who goes on. */
  add(segment: number, bytes: Seal): void {
    const record = Buffer.alloc(recordSize);
    record.writeUInt32LE(segment);
    record.set(bytes, 4);
    addChecksum(record);
    try {
      this.#end += writeSync(this.file, record, 0, recordSize, this.#end);
    } catch {
      // No room, most likely: what came of the transfer itself decides.
    }
  }

  /** Idempotent. */
  close(): void {
    if (!this.#closed) closeSync(this.file);
    this.#closed = true;
  }
}

/** What a journal is about. */
export interface Journalled {
  /** Null when nothing was made yet. */
  readonly owner: FileIdentity | null;
  /** Absolute path of what is written; empty for a share. */
  readonly part: string;
}

/** What a journal of this share, or of any, is about; null when it is none. */
export function journalled(file: string, shareId: Uint8Array | null): Journalled | null {
  const read = readJournal(file, shareId);
  if (read === null) return null;
  const { owner, header } = read;
  const part = header.subarray(partAt, header.byteLength - 4).toString();
  return { part, owner: owner.ino === 0n && owner.birthtimeNs === 0n ? null : owner };
}

interface Contents {
  readonly header: Buffer;
  readonly owner: FileIdentity;
  readonly seals: Map<number, Seal>;
  /** Bytes up to the end of the last whole record. */
  readonly size: number;
}

function readJournal(file: string, shareId: Uint8Array | null): Contents | null {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch {
    return null; // not there, or not to be read: then it is begun anew
  }
  const header = headerOf(bytes);
  if (header === null) return null;
  if (shareId !== null && !equalBytes(header.subarray(magic.byteLength, ownerAt), shareId)) {
    return null;
  }
  const headerSize = header.byteLength;
  const seals = new Map<number, Seal>();
  let size = headerSize;
  for (; size + recordSize <= bytes.byteLength; size += recordSize) {
    const record = bytes.subarray(size, size + recordSize);
    if (!isIntact(record)) break;
    seals.set(record.readUInt32LE(), new Uint8Array(record.subarray(4, 4 + SEAL_OVERHEAD)));
  }
  return {
    header,
    owner: decodeIdentity(header.subarray(ownerAt)),
    seals,
    size,
  };
}

function headerOf(bytes: Buffer): Buffer | null {
  if (bytes.byteLength < partAt + 4) return null;
  const partSize = bytes.readUInt32LE(partAt - 4);
  if (partSize > longestPart || bytes.byteLength < partAt + partSize + 4) return null;
  const header = bytes.subarray(0, partAt + partSize + 4);
  const isOne = equalBytes(header.subarray(0, magic.byteLength), magic) && isIntact(header);
  return isOne ? header : null;
}

/** Puts the checksum of all before it at the end. */
function addChecksum(bytes: Buffer): void {
  const end = bytes.byteLength - 4;
  bytes.writeUInt32LE(crc32(bytes.subarray(0, end)), end);
}

function isIntact(bytes: Buffer): boolean {
  const end = bytes.byteLength - 4;
  return bytes.readUInt32LE(end) === crc32(bytes.subarray(0, end));
}
