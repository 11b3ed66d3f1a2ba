import { fstatSync, lstatSync } from 'node:fs';

/** Bytes of an encoded one. */
export const identitySize = 24;

/** Which file or folder it is, whatever its name. */
export interface FileIdentity {
  readonly dev: bigint;
  readonly ino: bigint;
  /** When it was made, in nanoseconds: a number of an inode is soon given to another file. */
  readonly birthtimeNs: bigint;
}

/** Of what lies at a path, a link not followed; null when nothing does. */
export function identityAt(path: string): FileIdentity | null {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;
}

export function identityOf(file: number): FileIdentity {
  return fstatSync(file, { bigint: true });
}

export function isSame(a: FileIdentity, b: FileIdentity): boolean {
  return encodeIdentity(a).equals(encodeIdentity(b));
}

/** Device, inode and time of birth, u64 each, little-endian. */
export function encodeIdentity({ dev, ino, birthtimeNs }: FileIdentity): Buffer {
  const bytes = Buffer.alloc(identitySize);
  [dev, ino, birthtimeNs].forEach((number, index) => {
    bytes.writeBigUInt64LE(BigInt.asUintN(64, number), 8 * index);
  });
  return bytes;
}

export function decodeIdentity(bytes: Buffer): FileIdentity {
  return {
    dev: bytes.readBigUInt64LE(0),
    ino: bytes.readBigUInt64LE(8),
    birthtimeNs: bytes.readBigUInt64LE(16),
  };
}
