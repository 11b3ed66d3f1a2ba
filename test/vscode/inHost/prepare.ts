import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { section } from '../../../src/vscode/ids.js';
import { TestGroup } from '../../support/peers.js';
import { repoRoot } from '../host/hostPaths.js';
import { ScratchFolder } from '../host/scratchFolder.js';
import { stopPeer } from '../host/stopPeer.js';
import { bundleForHost } from './bundleForHost.js';
import { hostileSettings } from './hostileSettings.js';
import { fetchTask, suiteEnvironment } from './results.js';

const guard = path.join(repoRoot, 'test', 'support', 'cryptoGuard.cjs');

/** Of the log, after a failure. */
const lastLines = 80;

const resultsSchema = z.object({
  passed: z.array(z.string()),
  failed: z.array(z.object({ title: z.string(), error: z.string() })),
  ended: z.boolean(),
});

/** What the suite needs around it, in whichever editor it runs: its bundle, a group of four peers and one of two, a place for files. */
export class Surroundings {
  readonly workspace: string;
  readonly env: Readonly<Record<string, string>>;
  readonly #results: string;

  private constructor(
    readonly scratch: ScratchFolder,
    private readonly groups: readonly TestGroup[],
    readonly bundle: string,
    [invite = '', secondInvite = '']: readonly string[],
  ) {
    this.workspace = scratch.at('workspace');
    mkdirSync(path.join(this.workspace, '.vscode'), { recursive: true });
    writeFileSync(
      path.join(this.workspace, '.vscode', 'settings.json'),
      JSON.stringify(
        Object.fromEntries(
          Object.entries(hostileSettings(scratch.at('hostile'))).map(([key, value]) => [
            `${section}.${key}`,
            value,
          ]),
        ),
      ),
    );
    writeFileSync(
      path.join(this.workspace, '.vscode', 'tasks.json'),
      JSON.stringify({ version: '2.0.0', tasks: [fetchTask] }),
    );
    this.#results = scratch.at('results.json');
    rmSync(this.#results, { force: true });
    this.env = {
      [suiteEnvironment.results]: this.#results,
      [suiteEnvironment.scratch]: scratch.root,
      [suiteEnvironment.invite]: invite,
      [suiteEnvironment.secondInvite]: secondInvite,
      // The peers that the editor starts are bound to what the desktop's crypto offers, too.
      CHUNK_PARTITIONER_NODE_OPTIONS: `--require ${JSON.stringify(guard)}`,
    };
  }

  static async create(): Promise<Surroundings> {
    const bundle = await bundleForHost('test/vscode/inHost/index.ts', 'in-host/index.js');
    const groups = [await TestGroup.start(4), await TestGroup.start(2)];
    const invites = await Promise.all(groups.map((group) => group.invite()));
    return new Surroundings(new ScratchFolder(), groups, bundle, invites);
  }

  /** Prints how the suite went. @returns whether it went well; a suite that left no results did not */
  report(): boolean {
    let text: string;
    try {
      text = readFileSync(this.#results, 'utf8');
    } catch {
      console.log('The extension host ended without results.\n0 passed, 1 failed');
      return false;
    }
    const { passed, failed, ended } = resultsSchema.parse(JSON.parse(text));
    for (const title of passed) console.log(`  ✔ ${title}`);
    for (const { title, error } of failed) console.log(`  ✘ ${title}\n${error}`);
    if (!ended) console.log('  ✘ what comes after these did not end');
    const wrong = failed.length + (ended ? 0 : 1);
    if (wrong > 0) this.#printLog();
    console.log(`${String(passed.length)} passed, ${String(wrong)} failed`);
    return wrong === 0 && passed.length > 0;
  }

  /** The end of what the extension wrote. */
  #printLog(): void {
    const home = this.scratch.at('home');
    const files = readdirSync(home, { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((one) => one.endsWith('Chunk Partitioner.log'))) {
      const lines = readFileSync(path.join(home, file), 'utf8').trimEnd().split('\n');
      console.log([`  ${file}:`, ...lines.slice(-lastLines)].join('\n    '));
    }
  }

  async dispose(): Promise<void> {
    await Promise.all(this.groups.map((group) => group.dispose()));
    const directories = ['first', 'second', 'second-2'];
    await Promise.all(directories.map((name) => stopPeer(this.scratch.at(name))));
    this.scratch.remove();
  }
}
