/** One desk for all cases: the first that needs it has it started, and it is closed when all have run. */
import path from 'node:path';
import type { Context } from 'mocha';
import { artifacts } from '../host/hostPaths.js';
import { Desk } from './desk.js';

/** The first run on a machine installs the editor. */
const startMs = 15 * 60_000;
/** Peers that a case killed have to come back and to be met. */
const readyMs = 2 * 60_000;

/** Longest time from the end of the last case to the end of the process. */
const lingerMs = 20_000;

let opened: Promise<Desk> | undefined;

/** For the `before` of a case: the shared desk, with all peers online and nothing left over from the case before. */
export async function sharedDesk(context: Context): Promise<Desk> {
  context.timeout(opened === undefined ? startMs : readyMs);
  opened ??= Desk.open();
  const desk = await opened;
  await desk.ready();
  return desk;
}

afterEach(async function () {
  if (this.currentTest?.state !== 'failed' || opened === undefined) return;
  const { browser, workbench } = await opened;
  const name = this.currentTest
    .fullTitle()
    .replace(/[^a-z0-9]+/gi, '-')
    .slice(0, 80);
  // A case may have windows, and machines, of its own.
  const pages = browser.contexts().flatMap((context) => context.pages());
  for (const [index, page] of pages.entries()) {
    await page.screenshot({ path: path.join(artifacts, `failed-${name}-${String(index)}.png`) });
  }
  console.log(await workbench.rowNames());
});

after(async function () {
  this.timeout(60_000);
  // What a case left running keeps nobody waiting.
  setTimeout(() => process.exit(), lingerMs).unref();
  await close();
});

// Who ends a run early, with a deadline for example, does not leave an editor and its peers behind.
process.once('SIGTERM', () => {
  setTimeout(() => process.exit(143), lingerMs);
  close().then(
    () => process.exit(143),
    () => process.exit(143),
  );
});

async function close(): Promise<void> {
  await (await opened)?.close();
}
