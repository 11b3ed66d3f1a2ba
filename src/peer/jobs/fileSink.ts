import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  fdatasync,
  fsyncSync,
  ftruncateSync,
  openSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { MAX_TREE_BYTES } from '../../chunk/tree.js';
import { equalBytes } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import { checkedTree } from '../read/treeIndex.js';
import { dressFile } from './dress.js';
import type { GetJobInput } from './messages.js';
import { publishFile } from './publish.js';
import type { SegmentRun, TargetSink, Written } from './targetSink.js';

/** Unsynced bytes at which the disk is asked to start: keeps the wait at the end short. */
const syncEvery = 32 << 20;

/** One file: written as segments come, hashed in their order, and held against its entry in the tree behind it. */
export class FileSink implements TargetSink {
  readonly runs: readonly SegmentRun[];
  readonly total: number;
  readonly #file: number;
  readonly #sha256 = createHash('sha256');
  readonly #tree: Uint8Array;
  #done = 0;
  #closed = false;
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
    // Exclusive and without following a link: nobody else's file is written to.
    const { O_RDWR, O_CREAT, O_EXCL } = constants;
    const { O_NOFOLLOW = 0 } = constants as { readonly O_NOFOLLOW?: number }; // not on Windows
    // All that the umask leaves; the end takes away what the file did not have.
    this.#file = openSync(input.temporaryPath, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o777);
  }

  get done(): number {
    return this.#done;
  }

  arrived(position: number, plaintext: Uint8Array): void {
    const inFile = this.#inFile(position, plaintext);
    for (let done = 0; done < inFile;) {
      done += writeSync(this.#file, plaintext, done, inFile - done, position + done);
    }
    this.#unsynced += inFile;
    if (this.#unsynced >= syncEvery && this.#syncing === undefined) this.#syncInBackground();
    const { treeOffset, treeLength } = this.input;
    const from = Math.max(0, treeOffset - position);
    const to = Math.min(plaintext.byteLength, treeOffset + treeLength - position);
    if (to > from) this.#tree.set(plaintext.subarray(from, to), position + from - treeOffset);
  }

  inOrder(position: number, plaintext: Uint8Array): void {
    const inFile = this.#inFile(position, plaintext);
    this.#sha256.update(plaintext.subarray(0, inFile));
    this.#done += inFile;
  }

  finish(): Written {
    const { input } = this;
    const [entry, ...more] = checkedTree(this.#tree, input.treeDigest, input.treeOffset);
    const sha256 = new Uint8Array(this.#sha256.digest());
    if (entry?.kind !== 'file' || more.length > 0 || !equalBytes(entry.sha256, sha256)) {
      throw new PeerError('integrity', 'The file is not the one that was shared.');
    }
    ftruncateSync(this.#file, input.treeOffset);
    dressFile(this.#file, entry);
    fsyncSync(this.#file);
    publishFile(input.temporaryPath, input.path, input.overwrite);
    return { sha256, bytes: input.treeOffset, entries: 1, leftOut: [] };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#file);
    rmSync(this.input.temporaryPath, { force: true });
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
