import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fdatasync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  rmSync,
  write,
} from 'node:fs';
import { promisify } from 'node:util';
import { MAX_TREE_BYTES } from '../../chunk/tree.js';
import { equalBytes } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import { checkedTree } from '../read/treeIndex.js';
import { allowedBeside, dressFile } from './dress.js';
import type { GetJobInput } from './messages.js';
import { publishFile } from './publish.js';
import { identityOf, type FileIdentity } from './fileIdentity.js';
import type { SegmentRun, TargetSink, Written } from './targetSink.js';
import { folderLimits } from '../limits.js';

/** By libuv's threads: the page cache takes a gigabyte as slowly as SHA-256 does, and both go on at once. */
const writeSome = promisify(write);

const forOwner = 0o600;

/** One file: written as segments come, hashed in their order, and held against its entry in the tree behind it. */
export class FileSink implements TargetSink {
  readonly runs: readonly SegmentRun[];
  readonly total: number;
  readonly identity: FileIdentity;
  readonly writesOnArrival = true;
  readonly #file: number;
  readonly #sha256 = createHash('sha256');
  readonly #tree: Uint8Array;
  #done = 0;
  #closed = false;
  #keeps = false;
  /** Segments that are being written. */
  #writing = 0;
  #unsynced = 0;
  /**
   * For the sync in the background, while it runs. The system tells each open file once that a write-back failed:
   * over a descriptor of its own, it does not take that away from the last sync.
   */
  #syncing: number | undefined;

  /** @throws PeerError `disk`, `not-found` when the folder is missing, `limit` */
  constructor(private readonly input: GetJobInput) {
    this.runs = [[0, input.geometry.segments]];
    this.total = input.treeOffset;
    if (input.treeLength > MAX_TREE_BYTES) {
      throw new PeerError('limit', 'The share lists more files than this version takes.');
    }
    this.#tree = new Uint8Array(input.treeLength);
    // Exclusive, or the one that the journal is about, and without following a link: nobody else's file is written to.
    const { O_RDWR, O_CREAT, O_EXCL } = constants;
    const { O_NOFOLLOW = 0 } = constants as { readonly O_NOFOLLOW?: number }; // not on Windows
    const flags = input.resume ? O_RDWR : O_RDWR | O_CREAT | O_EXCL;
    this.#file = openSync(input.temporaryPath, flags | O_NOFOLLOW, forOwner);
    // Its user's alone until it is whole, whatever an earlier run made it with.
    fchmodSync(this.#file, forOwner);
    this.identity = identityOf(this.#file);
  }

  get done(): number {
    return this.#done;
  }

  async arrived(position: number, plaintext: Uint8Array): Promise<void> {
    this.#writing += 1;
    try {
      // With what comes behind the file, which the end cuts off: a segment can be read again only as a whole.
      await this.#write(position, plaintext);
    } finally {
      this.#writing -= 1;
      this.#removeClosed();
    }
  }

  inOrder(position: number, plaintext: Uint8Array): void {
    const inFile = this.#inFile(position, plaintext);
    this.#sha256.update(plaintext.subarray(0, inFile));
    this.#done += inFile;
    const { treeOffset, treeLength } = this.input;
    const from = Math.max(0, treeOffset - position);
    const to = Math.min(plaintext.byteLength, treeOffset + treeLength - position);
    if (to > from) this.#tree.set(plaintext.subarray(from, to), position + from - treeOffset);
  }

  reread(position: number, target: Uint8Array): boolean {
    for (let done = 0; done < target.byteLength;) {
      const count = readSync(this.#file, target, done, target.byteLength - done, position + done);
      if (count === 0) return false;
      done += count;
    }
    return true;
  }

  finish(): Written {
    const { input } = this;
    const [entry, ...more] = checkedTree(this.#tree, input.treeDigest, input.treeOffset).entries;
    const sha256 = new Uint8Array(this.#sha256.digest());
    if (entry?.kind !== 'file' || more.length > 0 || !equalBytes(entry.sha256, sha256)) {
      throw new PeerError('integrity', 'The file is not the one that was shared.');
    }
    ftruncateSync(this.#file, input.treeOffset);
    dressFile(this.#file, entry, allowedBeside(input.temporaryPath));
    fsyncSync(this.#file);
    publishFile(input.temporaryPath, input.path, input.overwrite);
    return { sha256, bytes: input.treeOffset, entries: 1, leftOut: [] };
  }

  close(keep: boolean): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#keeps = keep;
    this.#removeClosed();
  }

  async #write(position: number, bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.byteLength;) {
      const left = bytes.byteLength - done;
      const { bytesWritten } = await writeSome(this.#file, bytes, done, left, position + done);
      done += bytesWritten;
    }
    this.#unsynced += bytes.byteLength;
    if (this.#unsynced < folderLimits.syncEveryBytes || this.#syncing !== undefined || this.#closed)
      return;
    this.#syncInBackground();
  }

  /** Not while something is being written: the system would give the number of the file to another one. */
  #removeClosed(): void {
    if (!this.#closed || this.#writing > 0) return;
    closeSync(this.#file);
    if (!this.#keeps) rmSync(this.input.temporaryPath, { force: true });
  }

  /** The disk works while the rest arrives. */
  #syncInBackground(): void {
    this.#unsynced = 0;
    const file = (this.#syncing = openSync(this.input.temporaryPath, 'r+'));
    // What fails here fails again, and is told, at the end.
    fdatasync(file, () => {
      this.#syncing = undefined;
      closeSync(file);
    });
  }

  #inFile(position: number, plaintext: Uint8Array): number {
    return Math.max(0, Math.min(plaintext.byteLength, this.input.treeOffset - position));
  }
}
