/**
 * `npm run bench:editor` (after `npm run build`): what this extension costs the editor, measured in the extension host of a
 * real VS Code while 1 GiB moves. Prints a table with the bounds, and writes `test/bench/results/editor.json`; exit code 1
 * when a bound is not kept. Takes three minutes and 25 GB of disk.
 */
import { truncateSync, writeFileSync, readFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { writeRandomFile } from '../../support/files.js';
import { TestGroup, TestPeer } from '../../support/peers.js';
import { repoRoot } from '../../vscode/host/hostPaths.js';
import { installHost } from '../../vscode/host/installHost.js';
import { ScratchFolder } from '../../vscode/host/scratchFolder.js';
import { stopPeer } from '../../vscode/host/stopPeer.js';
import { bundleForHost } from '../../vscode/inHost/bundleForHost.js';
import { suiteEnvironment } from '../../vscode/inHost/results.js';
import { runInHost } from '../../vscode/inHost/runInHost.js';
import { fillCatalog } from '../catalog/fillCatalog.js';
import { table } from '../figures.js';
import { describeMachine, machineText } from '../machine.js';
import { activation } from './activation.js';
import { holds, lines, rows, type Figures, type MeasuredInHost } from './figures.js';
import { benchNames, largeSize, peekFile, treeShares } from './names.js';

const results = path.join(repoRoot, 'test', 'bench', 'results', 'editor.json');
const deadlineMs = 10 * 60_000;

async function main(): Promise<void> {
  await installHost();
  const scratch = new ScratchFolder();
  const group = await TestGroup.start(4, { unguarded: true });
  try {
    const date = new Date().toISOString();
    const figures = await measure(scratch, group);
    const machine = await describeMachine();
    console.log(`\n${table([['', 'measured', 'bound', ''], ...rows(figures)])}`);
    console.log(`${machineText(machine)}, ${date}`);
    const kept = lines.every((line) => holds(line, figures));
    writeFileSync(results, `${JSON.stringify({ date, machine, figures, lines, kept }, null, 2)}\n`);
    if (!kept) process.exitCode = 1;
  } finally {
    await group.dispose();
    await stopPeer(scratch.at(benchNames.data));
    await stopPeer(scratch.at(benchNames.catalog));
    scratch.remove();
  }
}

async function measure(scratch: ScratchFolder, group: TestGroup): Promise<Figures> {
  const workspace = scratch.at('workspace');
  mkdirSync(workspace);
  console.error('making a catalog, and sharing a file of 4 GiB…');
  await catalog(scratch.at(benchNames.catalog));
  const sparse = path.join(group.filesDir, peekFile.name);
  writeFileSync(sparse, 'begin\n');
  truncateSync(sparse, peekFile.size);
  const redundancy = ['--redundancy', '2+1'];
  await group.get(0).ok(['share', sparse, ...redundancy], { timeoutMs: deadlineMs });
  await writeRandomFile(scratch.at(benchNames.large), largeSize);

  console.error('measuring in the extension host…');
  const { ownMs, wholeMs } = await activation(scratch.at('activation'));
  const file = scratch.at('figures.json');
  const env = {
    [suiteEnvironment.results]: file,
    [suiteEnvironment.scratch]: scratch.root,
    [suiteEnvironment.invite]: await group.invite(),
  };
  const bundle = await bundleForHost('test/bench/editor/inHost.ts', 'bench-editor/index.js');
  await runInHost({ home: scratch.at('home'), workspace, bundle, env, deadlineMs });
  const measured = JSON.parse(readFileSync(file, 'utf8')) as MeasuredInHost;
  return { ...measured, activationMs: ownMs, wholeActivationMs: wholeMs };
}

/** A data directory of a group of its own, with a catalog of many files. */
async function catalog(dataDir: string): Promise<void> {
  const archive = new TestPeer('archive', dataDir, { unguarded: true });
  await archive.ok(['init', '--name', archive.name, '--group', 'archive']);
  await fillCatalog(dataDir, treeShares);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
