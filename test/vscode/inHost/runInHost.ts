import type { Page } from 'playwright-core';
import { launchBrowser } from '../host/browser.js';
import { CodeServer } from '../host/codeServer.js';
import { repoRoot } from '../host/hostPaths.js';

export interface HostRun {
  /** Throw-away folder of the editor. */
  readonly home: string;
  /** Folder that is open. */
  readonly workspace: string;
  /** CommonJS file that exports `run`. */
  readonly bundle: string;
  /** Folder of the extension that is beside it: this repository unless told. */
  readonly extension?: string;
  readonly env: NodeJS.ProcessEnv;
  readonly deadlineMs: number;
}

/**
 * Runs a bundle in the extension host of a real VS Code server, beside this extension.
 *
 * @returns what the editor says of its end; a host that dies reports 0, so have the bundle leave results behind
 * @throws Error when it did not end in time
 */
export async function runInHost(options: HostRun): Promise<number> {
  const { home, env, extension = repoRoot } = options;
  const server = await CodeServer.start({ home, testDriver: true, env });
  const browser = await launchBrowser();
  try {
    const context = await browser.newContext({
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const page = await context.newPage();
    const ended = exitCode(page, options.deadlineMs);
    await exposeLog(page);
    const remote = `vscode-remote://${server.authority}`;
    const payload = [
      ['extensionDevelopmentPath', `${remote}${extension}`],
      ['extensionTestsPath', `${remote}${options.bundle}`],
      ['skipWelcome', 'true'],
    ];
    const query = { payload: JSON.stringify(payload) };
    await page.goto(server.folderUrl(options.workspace, query));
    return await ended;
  } finally {
    await browser.close();
    await server.stop();
  }
}

function exitCode(page: Page, deadlineMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error('What runs in the extension host did not end in time.'));
    }, deadlineMs);
    const exit = (code: unknown): void => {
      clearTimeout(timer);
      resolve(Number(code));
    };
    page.exposeFunction('codeAutomationExit', exit).catch(reject);
  });
}

/** What is printed there comes as raw arguments of `printf`. */
async function exposeLog(page: Page): Promise<void> {
  await page.exposeFunction('codeAutomationLog', (type: string, args: unknown[]) => {
    if (process.env['VERBOSE'] !== undefined) console.log(type, ...args);
  });
}
