import { closeSync, openSync, rmSync, statSync } from 'node:fs';
import { fileMode, writeFully } from '../layout.js';
import { stateLimits } from '../limits.js';

const block = 1 << 20;

/**
 * Room on the disk that is given up when there is none left, so that shares can still be deleted: whoever deletes on a full
 * disk does it to have room again.
 */
export class Reserve {
  constructor(private readonly file: string) {
    this.fill();
  }

  /** Gives the room up. @returns false when there was none */
  give(): boolean {
    const had = this.#size() > 0;
    rmSync(this.file, { force: true });
    return had;
  }

  /** Takes the room again, or none where there is not enough. */
  fill(): void {
    if (this.#size() === stateLimits.reserveBytes) return;
    try {
      const fd = openSync(this.file, 'w', fileMode);
      try {
        // Written, since a file with holes takes no room; and not zeros, which some file systems do not store.
        const bytes = new Uint8Array(block).fill(0xa5);
        for (let at = 0; at < stateLimits.reserveBytes; at += block) writeFully(fd, bytes, at);
      } finally {
        closeSync(fd);
      }
    } catch {
      // As full as it is, the rest of the room is worth more than a part of the reserve.
      rmSync(this.file, { force: true });
    }
  }

  #size(): number {
    return statSync(this.file, { throwIfNoEntry: false })?.size ?? 0;
  }
}
