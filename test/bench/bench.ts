import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { sha256File, writeRandomFile } from '../support/files.js';
import { Processes } from './measure/processes.js';

export const mebibyte = 1 << 20;

export interface SourceFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface SourceFolder {
  readonly path: string;
  readonly files: number;
  readonly bytes: number;
}

interface Fixture {
  dispose(): Promise<void> | void;
}

export interface BenchOptions {
  /** Folder for everything; the caller removes it. */
  readonly root: string;
  readonly signal: AbortSignal;
  /** Five addresses on the loopback interface that do not begin with 127; none without a namespace of our own. */
  readonly addresses: readonly string[];
}

/** What rows share: files to move, places to move them to, things that are prepared once. */
export class Bench {
  readonly signal: AbortSignal;
  readonly #fixtures = new Map<string, Promise<unknown>>();
  readonly #disposals: (() => Promise<void> | void)[] = [];
  readonly #sources = new Map<string, Promise<unknown>>();

  constructor(readonly options: BenchOptions) {
    this.signal = options.signal;
  }

  /** A file of random bytes, made at its first use. */
  file(bytes: number): Promise<SourceFile> {
    return this.#source(`file ${bytes}`, async () => {
      const target = path.join(await this.#sourceFolder(), `${bytes}-bytes.bin`);
      await writeRandomFile(target, bytes);
      return { path: target, bytes, sha256: await sha256File(target) };
    });
  }

  /** A folder of small files of random bytes, a hundred in a folder, made at its first use. */
  folder(files: number, bytesEach: number): Promise<SourceFolder> {
    return this.#source(`folder ${files} ${bytesEach}`, async () => {
      const target = path.join(await this.#sourceFolder(), `${files}-files`);
      for (let index = 0; index < files; index += 1) {
        const folder = path.join(target, String(Math.floor(index / 100)).padStart(4, '0'));
        if (index % 100 === 0) await mkdir(folder, { recursive: true });
        const name = `${String(index).padStart(6, '0')}.bin`;
        await writeFile(path.join(folder, name), randomBytes(bytesEach));
      }
      return { path: target, files, bytes: files * bytesEach };
    });
  }

  /** What several samples need and none changes; disposed when the phase ends. */
  async fixture<T extends Fixture>(key: string, make: () => Promise<T>): Promise<T> {
    const known = this.#fixtures.get(key) as Promise<T> | undefined;
    if (known) return known;
    const made = make();
    this.#fixtures.set(key, made);
    try {
      const fixture = await made;
      this.#disposals.push(() => fixture.dispose());
      return fixture;
    } catch (error) {
      this.#fixtures.delete(key);
      throw error;
    }
  }

  /** Runs with a fresh folder and processes; both are gone afterwards. */
  async sample<T>(work: (folder: string, processes: Processes) => Promise<T>): Promise<T> {
    this.signal.throwIfAborted();
    const folder = await mkdtemp(path.join(this.options.root, 's-'));
    const processes = new Processes(this.signal);
    const stopped = Promise.withResolvers<never>();
    stopped.promise.catch(() => undefined);
    const onAbort = (): void => {
      stopped.reject(new Error('interrupted'));
    };
    this.signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([work(folder, processes), stopped.promise]);
    } finally {
      this.signal.removeEventListener('abort', onAbort);
      await processes.end();
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Ends and removes all fixtures. */
  async endPhase(): Promise<void> {
    this.#fixtures.clear();
    for (const dispose of this.#disposals.splice(0).reverse()) await dispose();
  }

  async #sourceFolder(): Promise<string> {
    const folder = path.join(this.options.root, 'sources');
    await mkdir(folder, { recursive: true });
    return folder;
  }

  #source<T>(key: string, make: () => Promise<T>): Promise<T> {
    const known = (this.#sources.get(key) ?? make()) as Promise<T>;
    this.#sources.set(key, known);
    return known;
  }
}

/** A port of 127.0.0.1 that nobody uses now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
