import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A throw-away folder of one run. */
export class ScratchFolder {
  readonly root = mkdtempSync(path.join(tmpdir(), 'chunk-partitioner-editor-'));

  at(...names: readonly string[]): string {
    return path.join(this.root, ...names);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
