import path from 'node:path';
import { build } from 'esbuild';
import { repoRoot } from '../host/hostPaths.js';

/** Makes one CommonJS file of an entry point that runs inside the extension host. @returns its path */
export async function bundleForHost(entryPoint: string, outfile: string): Promise<string> {
  const file = path.join(repoRoot, '.cache', outfile);
  await build({
    entryPoints: [path.join(repoRoot, entryPoint)],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    sourcemap: 'inline',
    external: ['vscode', 'mocha'],
    logLevel: 'warning',
  });
  return file;
}
