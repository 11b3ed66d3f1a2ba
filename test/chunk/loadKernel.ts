import { readFileSync } from 'node:fs';
import { Kernel } from '../../src/chunk/kernel.js';

/** A kernel of its own, from what `npm run build:kernel` made. */
export function loadKernel(): Kernel {
  return Kernel.create(new WebAssembly.Module(readFileSync('dist/kernel.wasm')));
}
