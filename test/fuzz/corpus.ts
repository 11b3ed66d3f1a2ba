import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const cache = path.resolve(import.meta.dirname, '../../.cache/fuzz');
/** Kept for good: inputs that something did not survive, as hexadecimal text, by target. */
const regressions = path.join(import.meta.dirname, 'regressions');

/** Inputs of earlier runs that had done something new. */
export function readCorpus(target: string): Uint8Array[] {
  const folder = path.join(cache, 'corpus', target);
  return filesOf(folder).map((file) => new Uint8Array(readFileSync(file)));
}

export function addToCorpus(target: string, input: Uint8Array): void {
  write(path.join(cache, 'corpus', target), input);
}

/** @returns the file of the input, by which it can be tried again. */
export function keepFinding(target: string, input: Uint8Array): string {
  return write(path.join(cache, 'findings', target), input);
}

/** By the name of the file. */
export function readRegressions(target: string): ReadonlyMap<string, Uint8Array> {
  return new Map(
    filesOf(path.join(regressions, target)).map((file) => {
      const text = readFileSync(file, 'utf8').replace(/\s/g, '');
      return [path.basename(file, '.hex'), new Uint8Array(Buffer.from(text, 'hex'))];
    }),
  );
}

/** Names of targets that have some. */
export function regressionFolders(): string[] {
  return filesOf(regressions).map((folder) => path.basename(folder));
}

function write(folder: string, input: Uint8Array): string {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, createHash('sha256').update(input).digest('hex').slice(0, 16));
  writeFileSync(file, input);
  return file;
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
      .sort()
      .map((name) => path.join(folder, name));
  } catch {
    return [];
  }
}
