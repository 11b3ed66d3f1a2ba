import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { StopNote } from './peerSession.js';

/**
 * A small file in the extension's own storage, which all windows of a user share, for each data directory: the id of the
 * peer process that was stopped on purpose, so that no other window starts it again at once.
 */
export class StopNoteFile implements StopNote {
  readonly #file: string;

  constructor(
    private readonly folder: string,
    dataDir: string,
  ) {
    const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
    this.#file = path.join(folder, `stoppedPeer-${name}.txt`);
  }

  async write(pid: number): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    await writeFile(this.#file, String(pid));
  }

  async read(): Promise<number | undefined> {
    const text = await readFile(this.#file, 'utf8').catch(() => '');
    return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
  }
}
