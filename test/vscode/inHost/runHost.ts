/** `npm run test:host`: the suite inside the extension host of a real VS Code server. */
import { installHost } from '../host/installHost.js';
import { Surroundings } from './prepare.js';
import { runInHost } from './runInHost.js';

const deadlineMs = 5 * 60_000;

async function main(): Promise<void> {
  await installHost();
  const surroundings = await Surroundings.create();
  try {
    const { scratch, workspace, bundle, env } = surroundings;
    const home = scratch.at('home');
    const code = await runInHost({ home, workspace, bundle, env, deadlineMs }).catch(String);
    if (code !== 0) console.log(`The extension host ended with: ${String(code)}`);
    const good = surroundings.report();
    if (!good || code !== 0) process.exitCode = 1;
  } finally {
    await surroundings.dispose();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
});
