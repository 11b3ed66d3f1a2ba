import { existsSync, statSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { createVSIX, listFiles, PackageManager } from '@vscode/vsce';
import { repoRoot } from './hostPaths.js';

/** Packs what is built into a .vsix, as users install it, unless that was done since. @returns its path */
export async function packageExtension(): Promise<string> {
  const packagePath = path.join(repoRoot, '.cache', 'workbench', 'chunk-partitioner.vsix');
  if (await isOfNow(packagePath)) return packagePath;
  const partPath = `${packagePath}.part`;
  await mkdir(path.dirname(packagePath), { recursive: true });
  await createVSIX({
    cwd: repoRoot,
    packagePath: partPath,
    dependencies: false,
    rewriteRelativeLinks: false,
    allowMissingRepository: true,
    skipLicense: true,
    // `npm run package` looks for them, which takes most of its time.
    allowPackageAllSecrets: true,
    allowPackageEnvFile: true,
  });
  await rename(partPath, packagePath); // one that is half written is never taken for a whole one
  return packagePath;
}

/** Whether nothing that goes into it has changed since. What is built has, after each build. */
async function isOfNow(packagePath: string): Promise<boolean> {
  if (!existsSync(packagePath)) return false;
  const packedAt = statSync(packagePath).mtimeMs;
  const files = await listFiles({ cwd: repoRoot, packageManager: PackageManager.None });
  return [...files, '.vscodeignore'].every(
    (file) => statSync(path.join(repoRoot, file)).mtimeMs < packedAt,
  );
}
