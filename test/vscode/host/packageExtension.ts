import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { createVSIX } from '@vscode/vsce';
import { repoRoot } from './hostPaths.js';

/** Packs what is built into a .vsix, as users install it. @returns its path */
export async function packageExtension(): Promise<string> {
  const packagePath = path.join(repoRoot, '.cache', 'workbench', 'chunk-partitioner.vsix');
  await mkdir(path.dirname(packagePath), { recursive: true });
  await createVSIX({
    cwd: repoRoot,
    packagePath,
    dependencies: false,
    rewriteRelativeLinks: false,
    allowMissingRepository: true,
    skipLicense: true,
  });
  return packagePath;
}
