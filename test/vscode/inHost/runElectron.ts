/** `npm run test:electron`: the same suite in the desktop editor, where that can be downloaded. */
import { runTests } from '@vscode/test-electron';
import { repoRoot } from '../host/hostPaths.js';
import { Surroundings } from './prepare.js';

async function main(): Promise<void> {
  const surroundings = await Surroundings.create();
  try {
    const code = await runTests({
      extensionDevelopmentPath: repoRoot,
      extensionTestsPath: surroundings.bundle,
      extensionTestsEnv: surroundings.env,
      launchArgs: [surroundings.workspace, '--disable-workspace-trust', '--disable-extensions'],
    });
    if (!surroundings.report() || code !== 0) process.exitCode = 1;
  } finally {
    await surroundings.dispose();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
});
