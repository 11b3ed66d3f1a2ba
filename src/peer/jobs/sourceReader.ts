import { createHash, hash, type Hash } from 'node:crypto';
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs';
import { TreeDraft, type GitState } from '../../chunk/tree.js';
import { PeerError } from '../../common/errors.js';
import {
  isSameState,
  sourceChanged,
  stateOf,
  type SourceFile,
  type SourceTree,
} from './sourceTree.js';

const { O_RDONLY } = constants;
/** Not there on Windows. */
const { O_NONBLOCK = 0, O_NOFOLLOW = 0 } = constants as {
  readonly O_NONBLOCK?: number;
  readonly O_NOFOLLOW?: number;
};
/** Never waits for a writer of a FIFO, and never goes through a link that took a file's place. */
export const openFlags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW;

/**
 * The stream of a share, front to back: the files, one after the other, then the tree with the SHA-256 of each. A
 * read may span any number of files. Each is opened once, and has to be what it was when the tree was read.
 */
export class SourceReader {
  /** Bytes of all files: where the tree starts. */
  readonly size: number;
  readonly treeLength: number;
  readonly #draft: TreeDraft;
  /** The file that is read: position in the list, and how far. */
  #at = 0;
  #offset = 0;
  #file: number | undefined;
  /** Of a file that is read in parts; one that is read whole is hashed in one call. */
  #hash: Hash | undefined;
  #sha256: Uint8Array = new Uint8Array(32);

  /** @throws PeerError `usage` for a name that not every platform can write, `limit` */
  constructor(
    private readonly tree: SourceTree,
    git: GitState | null = null,
  ) {
    this.size = tree.size;
    this.#draft = new TreeDraft({ git, entries: tree.entries });
    this.treeLength = this.#draft.bytes.byteLength;
  }

  /**
   * Fills `target` with the bytes of the stream from `position`, where the read before ended.
   *
   * @throws PeerError `source-changed`, `disk`
   */
  read(target: Uint8Array, position: number): void {
    const inFiles = Math.max(0, Math.min(target.byteLength, this.size - position));
    for (let done = 0; done < inFiles;) done += this.#readSome(target.subarray(done, inFiles));
    if (inFiles === target.byteLength) return;
    this.#skipEmpty();
    const from = position + inFiles - this.size;
    const end = from + target.byteLength - inFiles;
    target.set(this.#draft.bytes.subarray(from, end), inFiles);
  }

  /**
   * All was read: digest of the encoded tree, and of the one file (of the last, of several).
   *
   * @throws PeerError `source-changed` when any file is not what it was at first
   */
  finish(): { readonly sha256: Uint8Array; readonly treeDigest: Uint8Array } {
    for (const file of this.tree.files) {
      const now = lstatSync(file.path, { throwIfNoEntry: false });
      if (now === undefined || !isSameState(stateOf(now), file.state)) throw this.#changed(file);
    }
    const treeDigest = createHash('sha256').update(this.#draft.bytes).digest();
    return { sha256: new Uint8Array(this.#sha256), treeDigest: new Uint8Array(treeDigest) };
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #readSome(target: Uint8Array): number {
    this.#skipEmpty();
    const file = this.tree.files[this.#at];
    if (file === undefined) throw new PeerError('internal', 'The stream is read beyond its end.');
    const length = Math.min(target.byteLength, file.state.size - this.#offset);
    const count = readSync(this.#file ?? this.#open(file), target, 0, length, this.#offset);
    if (count === 0) throw this.#changed(file);
    const bytes = target.subarray(0, count);
    if (count === file.state.size) this.#sha256 = hash('sha256', bytes, 'buffer');
    else (this.#hash ??= createHash('sha256')).update(bytes);
    this.#offset += count;
    if (this.#offset === file.state.size) this.#end(file);
    return count;
  }

  /** Files of no bytes are opened like others: who may not read them does not share them. */
  #skipEmpty(): void {
    for (;;) {
      const file = this.tree.files[this.#at];
      if (file === undefined || file.state.size > 0) return;
      this.#open(file);
      this.#sha256 = hash('sha256', new Uint8Array(0), 'buffer');
      this.#end(file);
    }
  }

  #open(file: SourceFile): number {
    try {
      this.#file = openSync(file.path, openFlags);
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      throw ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(code) ? this.#changed(file) : error;
    }
    if (!isSameState(stateOf(fstatSync(this.#file)), file.state)) throw this.#changed(file);
    return this.#file;
  }

  #end(file: SourceFile): void {
    this.close();
    if (this.#hash !== undefined) this.#sha256 = this.#hash.digest();
    this.#hash = undefined;
    this.#draft.setDigest(file.entry, this.#sha256);
    this.#offset = 0;
    this.#at += 1;
  }

  #changed({ entry }: SourceFile): PeerError {
    return sourceChanged(this.tree.entries[entry]?.path ?? '');
  }
}
