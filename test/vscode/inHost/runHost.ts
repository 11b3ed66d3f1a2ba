/** `npm run test:host`: the suite inside the extension host of a real VS Code server. */
import type { Page } from 'playwright-core';
import { launchBrowser } from '../host/browser.js';
import { CodeServer } from '../host/codeServer.js';
import { repoRoot } from '../host/hostPaths.js';
import { installHost } from '../host/installHost.js';
import { Surroundings } from './prepare.js';

const deadline = 8 * 60_000;

async function main(): Promise<void> {
  await installHost();
  const surroundings = await Surroundings.create();
  try {
    const code = await runSuite(surroundings);
    const good = surroundings.report();
    if (code !== 0) console.log(`The extension host ended with code ${String(code)}.`);
    if (!good || code !== 0) process.exitCode = 1;
  } finally {
    await surroundings.dispose();
  }
}

async function runSuite(surroundings: Surroundings): Promise<number> {
  const server = await CodeServer.start({
    home: surroundings.scratch.at('home'),
    testDriver: true,
    env: surroundings.env,
  });
  const browser = await launchBrowser();
  try {
    const context = await browser.newContext({
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const page = await context.newPage();
    const ended = exitCode(page);
    await exposeLog(page);
    const remote = `vscode-remote://${server.authority}`;
    const payload = [
      ['extensionDevelopmentPath', `${remote}${repoRoot}`],
      ['extensionTestsPath', `${remote}${surroundings.bundle}`],
      ['skipWelcome', 'true'],
    ];
    const query = { payload: JSON.stringify(payload) };
    await page.goto(server.folderUrl(surroundings.workspace, query));
    return await ended;
  } finally {
    await browser.close();
    await server.stop();
  }
}

function exitCode(page: Page): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error('The suite did not end in time.'));
    }, deadline);
    const exit = (code: unknown): void => {
      clearTimeout(timer);
      resolve(Number(code));
    };
    page.exposeFunction('codeAutomationExit', exit).catch(reject);
  });
}

/** What the suite prints comes as raw arguments of `printf`. */
async function exposeLog(page: Page): Promise<void> {
  await page.exposeFunction('codeAutomationLog', (type: string, args: unknown[]) => {
    if (process.env['VERBOSE'] !== undefined) console.log(type, ...args);
  });
}

main().catch((error: unknown) => {
  console.error(error);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
});
