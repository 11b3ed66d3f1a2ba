import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { buildSync } from 'esbuild';

const repository = path.resolve(import.meta.dirname, '../..');
const made = new Map<string, string>();
let folder: string | undefined;

/**
 * One CommonJS file out of an entry of this tree (`src/worker.ts`), for a thread or a process of its own: it starts
 * in a tenth of the time that the loader of the tests takes. Made once a run, and gone after it.
 *
 * @returns its absolute path
 */
export function bundle(entry: string): string {
  const known = made.get(entry);
  if (known !== undefined) return known;
  folder ??= newFolder();
  const outfile = path.join(folder, `${path.basename(entry, '.ts')}-${String(made.size)}.cjs`);
  buildSync({
    entryPoints: [path.join(repository, entry)],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile,
    logLevel: 'error',
  });
  made.set(entry, outfile);
  return outfile;
}

function newFolder(): string {
  const created = mkdtempSync(path.join(os.tmpdir(), 'bundles-'));
  process.once('exit', () => {
    rmSync(created, { recursive: true, force: true });
  });
  return created;
}
