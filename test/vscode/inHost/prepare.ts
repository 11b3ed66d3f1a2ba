import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { section } from '../../../src/vscode/ids.js';
import { TestGroup } from '../../support/peers.js';
import { repoRoot } from '../host/hostPaths.js';
import { ScratchFolder } from '../host/scratchFolder.js';
import { stopPeer } from '../host/stopPeer.js';
import { bundleForHost } from './bundleForHost.js';
import { hostileSettings } from './hostileSettings.js';
import { suiteEnvironment } from './results.js';

const guard = path.join(repoRoot, 'test', 'support', 'cryptoGuard.cjs');

const resultsSchema = z.object({
  passed: z.array(z.string()),
  failed: z.array(z.object({ title: z.string(), error: z.string() })),
});

/** What the suite needs around it, in whichever editor it runs: its bundle, four peers, a place for files. */
export class Surroundings {
  readonly workspace: string;
  readonly env: Readonly<Record<string, string>>;
  readonly #results: string;

  private constructor(
    readonly scratch: ScratchFolder,
    private readonly group: TestGroup,
    readonly bundle: string,
    invite: string,
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
    this.#results = scratch.at('results.json');
    rmSync(this.#results, { force: true });
    this.env = {
      [suiteEnvironment.results]: this.#results,
      [suiteEnvironment.scratch]: scratch.root,
      [suiteEnvironment.invite]: invite,
      // The peers that the editor starts are bound to what the desktop's crypto offers, too.
      CHUNK_PARTITIONER_NODE_OPTIONS: `--require ${JSON.stringify(guard)}`,
    };
  }

  static async create(): Promise<Surroundings> {
    const bundle = await bundleForHost('test/vscode/inHost/index.ts', 'in-host/index.js');
    const group = await TestGroup.start(4);
    return new Surroundings(new ScratchFolder(), group, bundle, await group.invite());
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
    const { passed, failed } = resultsSchema.parse(JSON.parse(text));
    for (const title of passed) console.log(`  ✔ ${title}`);
    for (const { title, error } of failed) console.log(`  ✘ ${title}\n${error}`);
    console.log(`${String(passed.length)} passed, ${String(failed.length)} failed`);
    return failed.length === 0 && passed.length > 0;
  }

  async dispose(): Promise<void> {
    await this.group.dispose();
    await Promise.all(['first', 'second'].map((name) => stopPeer(this.scratch.at(name))));
    this.scratch.remove();
  }
}
