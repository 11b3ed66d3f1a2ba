import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  constants,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import { PeerError } from '../common/errors.js';

/** Where the peer of a data directory answers, as it wrote it into `control.json` (mode 0600). */
const schema = z.object({
  endpoint: z.string().min(1).max(256),
  pid: z.number().int().positive(),
  /** Shared secret of this run, 32 bytes in hex. */
  secret: z.string().regex(/^[0-9a-f]{64}$/),
});
export type Endpoint = z.infer<typeof schema>;

/** Longest path that every Unix takes for a socket, with room for the end. */
const maxSocketPath = 100;

/** A Unix socket in a folder of this user's own, or a named pipe. @throws {PeerError} `not-trusted` */
export function endpointPath(dataDir: string, platform = process.platform): string {
  // Another one each time: everybody may make pipes, and would have made one of a name that is known before.
  if (platform === 'win32') {
    return `\\\\.\\pipe\\chunk-partitioner-${randomBytes(16).toString('hex')}`;
  }
  const hash = createHash('sha256').update(path.resolve(dataDir)).digest('hex').slice(0, 20);
  const own = path.join(dataDir, 'control.sock');
  if (Buffer.byteLength(own) <= maxSocketPath) return own;
  const folder = path.join(tmpdir(), `chunk-partitioner-${userInfo().uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(folder);
  // Everybody may write to the folder above: who made this one first could stand in between.
  if (
    uid !== userInfo().uid ||
    (mode & constants.S_IFMT) !== constants.S_IFDIR ||
    (mode & 0o077) !== 0
  ) {
    throw new PeerError('not-trusted', `The folder “${folder}” is not this user’s alone.`, {
      hint: 'Remove it, or choose a data directory with a shorter path.',
    });
  }
  return path.join(folder, `${hash}.sock`);
}

export function writeEndpoint(dataDir: string, endpoint: Endpoint): void {
  const file = endpointFile(dataDir);
  writeFileSync(`${file}.new`, JSON.stringify(endpoint), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Null when there is none, or what is there is not readable: then no peer can be attached to. */
export function readEndpoint(dataDir: string): Endpoint | null {
  try {
    return schema.parse(JSON.parse(readFileSync(endpointFile(dataDir), 'utf8')));
  } catch {
    return null;
  }
}

/** Removes the file if it is still that of the process `pid`. */
export function removeEndpoint(dataDir: string, pid: number): void {
  if (readEndpoint(dataDir)?.pid === pid) rmSync(endpointFile(dataDir), { force: true });
}

/** Proof of the secret by one side over both nonces; the side's name keeps it from being reflected. */
export function proofOf(
  side: 'client' | 'server',
  secret: string,
  clientNonce: string,
  serverNonce: string,
): string {
  return createHmac('sha256', Buffer.from(secret, 'hex'))
    .update(`chunk-partitioner/1/control/${side}\0${clientNonce}\0${serverNonce}`)
    .digest('hex');
}

export function sameProof(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.byteLength === right.byteLength && timingSafeEqual(left, right);
}

function endpointFile(dataDir: string): string {
  return path.join(dataDir, 'control.json');
}
