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

const magic = Buffer.from('CPSEALS1');
const shareIdSize = 16;
const ownerAt = magic.byteLength + shareIdSize;
const headerSize = ownerAt + identitySize + 4;
const recordSize = 4 + SEAL_OVERHEAD + 4;

/**
 * How far a transfer has come: the seals of segments that are done with. Nothing is believed for being in it: who goes on
 * reads each segment again and holds it against its seal. So it is never flushed, and may lack its end or lie about a file
 * that a power cut took.
 *
 * Header: magic 8 ‖ share id 16 ‖ device, inode and time of birth, u64 each, of what is written (zeros for a share) ‖
 * CRC-32; then records of segment u32 ‖ seal 28 ‖ CRC-32. Little-endian.
 */
export class SealJournal {
  readonly #seals: Map<number, Seal>;
  #closed = false;

  private constructor(
    private readonly file: number,
    read: Contents | null,
  ) {
    this.#seals = read?.seals ?? new Map<number, Seal>();
  }

  /** A new one, in place of any that is there. */
  static create(file: string, shareId: Uint8Array, owner: FileIdentity): SealJournal {
    const header = Buffer.alloc(headerSize);
    magic.copy(header);
    header.set(shareId, magic.byteLength);
    header.set(encodeIdentity(owner), ownerAt);
    addChecksum(header);
    const opened = openSync(file, 'w', 0o600);
    writeSync(opened, header);
    return new SealJournal(opened, null);
  }

  /** Goes on with one that is there; null when it is none of this share, or about another file. */
  static resume(file: string, shareId: Uint8Array, owner: FileIdentity): SealJournal | null {
    const read = readJournal(file, shareId);
    if (read === null || !isSame(read.owner, owner)) return null;
    const opened = openSync(file, constants.O_WRONLY | constants.O_APPEND);
    ftruncateSync(opened, read.size); // a record that was cut off
    return new SealJournal(opened, read);
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
      writeSync(this.file, record);
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

/** Whose identity a journal of this share names; null when it is none. */
export function journalOwner(file: string, shareId: Uint8Array): FileIdentity | null {
  return readJournal(file, shareId)?.owner ?? null;
}

interface Contents {
  readonly owner: FileIdentity;
  readonly seals: Map<number, Seal>;
  /** Bytes up to the end of the last whole record. */
  readonly size: number;
}

function readJournal(file: string, shareId: Uint8Array): Contents | null {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch {
    return null; // not there, or not to be read: then it is begun anew
  }
  const header = bytes.subarray(0, headerSize);
  const id = header.subarray(magic.byteLength, ownerAt);
  if (header.byteLength < headerSize || !isIntact(header)) return null;
  if (!equalBytes(header.subarray(0, magic.byteLength), magic) || !equalBytes(id, shareId)) {
    return null;
  }
  const seals = new Map<number, Seal>();
  let size = headerSize;
  for (; size + recordSize <= bytes.byteLength; size += recordSize) {
    const record = bytes.subarray(size, size + recordSize);
    if (!isIntact(record)) break;
    seals.set(record.readUInt32LE(), new Uint8Array(record.subarray(4, 4 + SEAL_OVERHEAD)));
  }
  return {
    owner: decodeIdentity(header.subarray(ownerAt)),
    seals,
    size,
  };
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
