import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import path from 'node:path';
import { processLimits } from './limits.js';

/** What a peer process is started from. */
const files = ['cli.js', 'main.js', 'peer.js', 'worker.js', 'kernel.wasm'] as const;

/**
 * Copies the runtime into the data directory, so that an update or removal of the extension does not take
 * the code away from under a running peer. The folder is named by content: a copy is never changed.
 *
 * @returns the folder with the copy.
 */
export function installRuntime(runtimeDir: string, dataDir: string): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(path.join(runtimeDir, file)));
  const target = path.join(folderOf(dataDir), hash.digest('hex').slice(0, 16));
  if (existsSync(target)) return target;
  const fresh = `${target}.${process.pid}`;
  mkdirSync(fresh, { recursive: true, mode: 0o700 });
  for (const file of files) copyFileSync(path.join(runtimeDir, file), path.join(fresh, file));
  try {
    renameSync(fresh, target);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    if (!existsSync(target)) throw error; // else another client was faster
  }
  return target;
}

/**
 * Removes the copies that earlier peers ran from. For the one that has the data directory: no other peer runs there. A copy that
 * is young may be of a client that is about to start one.
 *
 * @param own what this peer runs from
 */
export function removeOldRuntimes(dataDir: string, own: string): void {
  const folder = folderOf(dataDir);
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const copy = path.join(folder, name);
    const age = Date.now() - (statSync(copy, { throwIfNoEntry: false })?.mtimeMs ?? Infinity);
    if (copy === path.resolve(own) || age < processLimits.runtimeKeptMs) continue;
    rmSync(copy, { recursive: true, force: true });
  }
}

function folderOf(dataDir: string): string {
  return path.join(path.resolve(dataDir), 'runtime');
}
