import { createHash, hash, type Hash } from 'node:crypto';
import {
  closeSync,
  constants,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  readSync,
  rmSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { segmentsOfRange, type Geometry } from '../../chunk/geometry.js';
import { equalBytes } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import { checkedTree } from '../read/treeIndex.js';
import { alreadyThere } from './alreadyThere.js';
import { dressFolder, setTime } from './dress.js';
import type { FolderPart, GetJobInput } from './messages.js';
import { OwnFolder } from './ownFolder.js';
import { folderExists, isEmptyFolder, publishFile, publishFolder } from './publish.js';
import type { FileIdentity } from './fileIdentity.js';
import { leadsOut, select, type Selection } from './selection.js';
import { syncTree } from './syncTree.js';
import type { SegmentRun, TargetSink, Written } from './targetSink.js';

type ChosenFile = Selection['files'][number];

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL } = constants;
const { O_NOFOLLOW = 0 } = constants as { readonly O_NOFOLLOW?: number }; // not on Windows
const createFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
/** Of a file that an earlier run has begun, in a folder that is its own. */
const resumeFlags = O_WRONLY | O_CREAT | O_NOFOLLOW;

/**
 * A folder, or some of its entries: written in the order of the stream into a temporary folder beside the target,
 * each file held against its SHA-256 in the tree. The tree is known before; nothing is written until all of it was
 * checked. Links come last, so that nothing can be written through one.
 */
export class FolderSink implements TargetSink {
  readonly runs: readonly SegmentRun[];
  readonly total: number;
  readonly identity: FileIdentity;
  readonly writesOnArrival = false;
  readonly #chosen: Selection;
  /** Where all of it lies at the target already: what was left out of that. */
  readonly #there: readonly string[] | null;
  readonly #root: OwnFolder;
  /** Relative paths of folders that were made. */
  readonly #folders = new Set<string>();
  /** The file that is written: position in the list, and how far. */
  #at = 0;
  #written = 0;
  #file: number | undefined;
  /** Of a file that comes in parts; one that comes whole is hashed in one call. */
  #hash: Hash | undefined;
  #digest: Uint8Array | undefined;
  #done = 0;
  #closed = false;

  /** @throws PeerError `integrity`, `protocol`, `limit`, `not-found`, `not-a-file`, `exists`, `disk` */
  constructor(
    private readonly input: GetJobInput,
    private readonly part: FolderPart,
  ) {
    const { treeOffset, treeLength, treeDigest, temporaryPath } = input;
    const at = treeOffset - part.tailStart;
    const tree = part.tail.subarray(at, at + treeLength);
    this.#chosen = select(checkedTree(tree, treeDigest, treeOffset).entries, part.wanted);
    this.#there = input.acceptSame ? alreadyThere(input.path, this.#chosen) : null;
    if (this.#there === null) this.#checkTarget();
    const { files } = this.#chosen;
    this.total = files.reduce((sum, { entry }) => sum + entry.size, 0);
    this.runs = this.#there === null ? runsOf(files, input.geometry, part.tailStart) : [];
    this.#root = input.resume ? OwnFolder.open(temporaryPath) : OwnFolder.make(temporaryPath);
    this.identity = this.#root.identity;
  }

  get done(): number {
    return this.#done;
  }

  arrived(): Promise<void> {
    return Promise.resolve(); // files are written in their order
  }

  reread(position: number, target: Uint8Array): boolean {
    let done = 0;
    for (const file of this.#filesFrom(position)) {
      const from = position + done - file.start;
      const count = Math.min(target.byteLength - done, file.entry.size - from);
      if (from < 0 || !readPart(this.#local(file.path), from, target.subarray(done, done + count)))
        return false;
      done += count;
      if (done === target.byteLength) return true;
    }
    return false; // a part of it belongs to files that are not wanted
  }

  inOrder(position: number, plaintext: Uint8Array, kept: boolean): void {
    const end = position + plaintext.byteLength;
    for (let file; (file = this.#chosen.files[this.#at]) !== undefined;) {
      const from = file.start + this.#written;
      const to = Math.min(end, file.start + file.entry.size);
      if (file.entry.size > 0 && from >= end) return;
      if (file.entry.size > 0 && from < position) {
        throw new PeerError('internal', 'A part of a file was left out.');
      }
      this.#write(file, plaintext.subarray(from - position, Math.max(from, to) - position), kept);
      if (this.#written < file.entry.size) return;
      this.#complete(file);
    }
  }

  finish(): Written {
    if (this.#there !== null) return this.#report(this.total, this.#there);
    const { tail, tailStart } = this.part;
    this.inOrder(tailStart, tail.subarray(0, this.input.treeOffset - tailStart), false);
    const { files, dirs } = this.#chosen;
    if (this.#at !== files.length) throw new PeerError('internal', 'A file was left out.');
    for (const dir of dirs) this.#makeFolder(dir.path);
    const leftOut = this.#makeLinks();
    // From the inside out: what changes in a folder changes its time.
    for (const { path: inTarget, entry } of dirs.toReversed()) {
      dressFolder(this.#local(inTarget), entry, this.#root.allowed);
    }
    const root = this.#root.path;
    syncTree(
      files.map((file) => this.#local(file.path)),
      [root, ...[...this.#folders].map((folder) => this.#local(folder))],
    );
    this.#publish();
    return this.#report(this.#done, leftOut);
  }

  #report(bytes: number, leftOut: readonly string[]): Written {
    const { files, dirs, links, single } = this.#chosen;
    return {
      sha256: single?.kind === 'file' ? (files[0]?.entry.sha256 ?? null) : null,
      entries: files.length + dirs.length + links.length - leftOut.length,
      ...{ bytes, leftOut },
    };
  }

  close(keep: boolean): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#file !== undefined) closeSync(this.#file);
    this.#root.close(keep);
  }

  #checkTarget(): void {
    const { path: target, overwrite } = this.input;
    const existing = lstatSync(target, { throwIfNoEntry: false });
    if (existing === undefined) return;
    if (this.#chosen.single?.kind !== 'file') {
      if (!existing.isDirectory() || !isEmptyFolder(target)) throw folderExists(target);
    } else if (existing.isDirectory()) {
      throw new PeerError('not-a-file', `“${target}” is a folder.`, {
        hint: 'Name the file to write.',
      });
    } else if (!overwrite) {
      throw new PeerError('exists', `“${path.basename(target)}” exists already.`, {
        hint: 'Choose another name, or allow to replace it.',
      });
    }
  }

  #write(file: ChosenFile, bytes: Uint8Array, kept: boolean): void {
    this.#file ??= this.#open(file);
    for (let done = kept ? bytes.byteLength : 0; done < bytes.byteLength;) {
      const left = bytes.byteLength - done;
      done += writeSync(this.#file, bytes, done, left, this.#written + done);
    }
    if (bytes.byteLength === file.entry.size) this.#digest = hash('sha256', bytes, 'buffer');
    else (this.#hash ??= createHash('sha256')).update(bytes);
    this.#written += bytes.byteLength;
    this.#done += bytes.byteLength;
  }

  #open(file: ChosenFile): number {
    this.#makeFolder(path.posix.dirname(file.path));
    // The umask counts; setuid and the like do not come along, and its owner can read it in any case.
    // On Windows a file that is read-only could not be flushed any more.
    const least = process.platform === 'win32' ? 0o600 : 0o400;
    const mode = (file.entry.mode | least) & 0o777;
    const local = this.#local(file.path);
    if (!this.input.resume) return openSync(local, createFlags, mode);
    try {
      return openSync(local, resumeFlags, mode);
    } catch (error) {
      // One that is read-only: what it held is fetched again.
      if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
      rmSync(local);
      return openSync(local, createFlags, mode);
    }
  }

  /** Wanted files that reach beyond a position of the stream, in their order. */
  *#filesFrom(position: number): Iterable<ChosenFile> {
    const { files } = this.#chosen;
    let [low, high] = [0, files.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const file = files[middle];
      if (file !== undefined && file.start + file.entry.size <= position) low = middle + 1;
      else high = middle;
    }
    for (; low < files.length; low++) {
      const file = files[low];
      if (file !== undefined && file.entry.size > 0) yield file;
    }
  }

  #complete({ entry }: ChosenFile): void {
    const digest = this.#digest ?? this.#hash?.digest();
    if (digest === undefined || !equalBytes(digest, entry.sha256)) {
      throw new PeerError('integrity', `“${entry.path}” is not the file that was shared.`);
    }
    if (this.#file !== undefined) {
      if (this.input.resume) ftruncateSync(this.#file, entry.size);
      setTime(this.#file, entry);
      closeSync(this.#file);
    }
    this.#file = undefined;
    this.#hash = undefined;
    this.#digest = undefined;
    this.#written = 0;
    this.#at += 1;
  }

  /** One that is there already, under another spelling of its name, is an error: it is not ours. */
  #makeFolder(inTarget: string): void {
    if (inTarget === '.' || this.#folders.has(inTarget)) return;
    this.#makeFolder(path.posix.dirname(inTarget));
    const local = this.#local(inTarget);
    const isKept =
      this.input.resume && lstatSync(local, { throwIfNoEntry: false })?.isDirectory() === true;
    if (!isKept) mkdirSync(local, 0o777);
    this.#folders.add(inTarget);
  }

  /** @returns paths of those that lead out of what is written, or that this system does not let us make */
  #makeLinks(): string[] {
    const leftOut: string[] = [];
    for (const { path: inTarget, entry } of this.#chosen.links) {
      if (leadsOut(this.#chosen, inTarget, entry.target)) {
        leftOut.push(entry.path);
        continue;
      }
      this.#makeFolder(path.posix.dirname(inTarget));
      const local = this.#local(inTarget);
      if (this.input.resume && isLink(local, entry.target)) continue;
      try {
        symlinkSync(entry.target, local);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
        leftOut.push(entry.path);
      }
    }
    return leftOut;
  }

  #publish(): void {
    const { single } = this.#chosen;
    const { temporaryPath, path: target, overwrite } = this.input;
    this.#root.check();
    if (single === null) {
      this.#root.setMode(this.#root.allowed);
      publishFolder(temporaryPath, target);
    } else if (single.kind === 'folder') publishFolder(this.#local(single.name), target);
    else publishFile(this.#local(single.name), target, overwrite);
  }

  #local(inTarget: string): string {
    return `${this.#root.path}/${inTarget}`; // slashes will do on Windows, too
  }
}

/** Fills `target` from a place in a file. @returns false where the file ends before, or is none */
function readPart(file: string, position: number, target: Uint8Array): boolean {
  let opened: number;
  try {
    opened = openSync(file, O_RDONLY | O_NOFOLLOW);
  } catch {
    return false;
  }
  try {
    for (let done = 0; done < target.byteLength;) {
      const count = readSync(opened, target, done, target.byteLength - done, position + done);
      if (count === 0) return false;
      done += count;
    }
    return true;
  } finally {
    closeSync(opened);
  }
}

function isLink(path: string, target: string): boolean {
  try {
    return readlinkSync(path) === target;
  } catch {
    return false;
  }
}

/** Segments that hold the files, as far as they lie before the tail. */
function runsOf(files: readonly ChosenFile[], geometry: Geometry, tailStart: number): SegmentRun[] {
  const runs: [number, number][] = [];
  for (const { start, entry } of files) {
    const { first, end } = segmentsOfRange(
      geometry,
      Math.min(start, tailStart),
      Math.min(start + entry.size, tailStart),
    );
    const last = runs.at(-1);
    if (end === first) continue;
    if (last !== undefined && first <= last[1]) last[1] = Math.max(last[1], end);
    else runs.push([first, end]);
  }
  return runs;
}
