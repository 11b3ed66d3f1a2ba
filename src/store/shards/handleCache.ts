import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Disposable } from '../../common/disposable.js';
import { PeerError } from '../../common/errors.js';
import { diskError } from '../layout.js';
import { decodePrologue, prologueSize, type ShardDescription } from './prologue.js';

export interface OpenShard {
  readonly handle: FileHandle;
  readonly description: ShardDescription;
}

interface Entry {
  readonly shard: Promise<OpenShard>;
  users: number;
}

/** Open files of committed shards, for reading; idle ones beyond the bound are closed, oldest first. */
export class HandleCache implements Disposable {
  /** Least recently used first. */
  readonly #entries = new Map<string, Entry>();
  readonly #closing = new Set<Promise<void>>();
  #disposed = false;

  constructor(private maxIdle = 64) {}

  /** Files that are open now, for tests and status. */
  get size(): number {
    return this.#entries.size;
  }

  /** @throws {PeerError} `not-found` when there is no such file, `disk`, `closed` */
  async use<T>(file: string, task: (shard: OpenShard) => Promise<T>): Promise<T> {
    if (this.#disposed) throw new PeerError('closed', 'The store is closed.');
    const entry = this.#entries.get(file) ?? { shard: openShard(file), users: 0 };
    this.#entries.delete(file);
    this.#entries.set(file, entry);
    entry.users++;
    let failed = true;
    try {
      const result = await task(await entry.shard);
      failed = false;
      return result;
    } catch (error) {
      throw diskError(error);
    } finally {
      entry.users--;
      // After a failure the file is opened anew: it may have been replaced.
      const forgotten = this.#entries.get(file) !== entry;
      if (entry.users === 0 && (failed || forgotten)) this.#close(file, entry);
      else this.#trim();
    }
  }

  /** Lets go of files that were removed: as long as one is open, its space is not given back. */
  forget(removed: (file: string) => boolean): void {
    for (const [file, entry] of this.#entries) {
      if (!removed(file)) continue;
      this.#entries.delete(file);
      // Who reads just now closes it at the end.
      if (entry.users === 0) this.#close(file, entry);
    }
  }

  /** Waits until what was open is closed. */
  async close(): Promise<void> {
    this.dispose();
    await Promise.all(this.#closing);
  }

  dispose(): void {
    this.#disposed = true;
    // What is read just now is closed when that ends.
    this.maxIdle = 0;
    this.#trim();
  }

  #trim(): void {
    for (const [file, entry] of this.#entries) {
      if (this.#entries.size <= this.maxIdle) return;
      if (entry.users === 0) this.#close(file, entry);
    }
  }

  #close(file: string, entry: Entry): void {
    if (this.#entries.get(file) === entry) this.#entries.delete(file);
    const closed = entry.shard
      .then(({ handle }) => handle.close())
      // What could not be opened or closed is open no more.
      .catch(() => undefined)
      .then(() => {
        this.#closing.delete(closed);
      });
    this.#closing.add(closed);
  }
}

async function openShard(file: string): Promise<OpenShard> {
  const handle = await open(file, constants.O_RDONLY);
  try {
    const prologue = new Uint8Array(prologueSize);
    await readInto(handle, 0, prologue);
    return { handle, description: decodePrologue(prologue) };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Fills `target`. @throws {PeerError} `disk` when the file ends before. */
export async function readInto(
  handle: FileHandle,
  position: number,
  target: Uint8Array,
): Promise<void> {
  const length = target.byteLength;
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(target, done, length - done, position + done);
    if (bytesRead === 0) throw new PeerError('disk', 'A shard file is shorter than it should be.');
    done += bytesRead;
  }
}
