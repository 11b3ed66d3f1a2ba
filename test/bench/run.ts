/**
 * `npm run bench -- [--quick] [--rounds N] [--size MiB] [--only REGEX] [--large]`: ours and others on the same work, in
 * alternation; see README.md beside this file. It measures and never judges: no figure makes it fail.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Bench } from './bench.js';
import { goals as allGoals } from './goals.js';
import { describeMachine } from './machine.js';
import { namespaceAddresses, namespaceCommand, runToEnd } from './namespace.js';
import { installMissing, missingPrograms } from './packages.js';
import { makePlan, type BenchPlan } from './plan.js';
import { resultsJson, type RunFacts } from './report/json.js';
import { resultsChart } from './report/resultsChart.js';
import { goalsText, problemsText, resultsText } from './report/text.js';
import { Results, type LineResult } from './results.js';
import { runPhase } from './schedule.js';
import { runMain } from '../support/runMain.js';

const inNamespace = '--in-namespace';
const alone = '--without-namespace';
/** In the repository: of whole runs. */
const resultsFolder = path.join(import.meta.dirname, 'results');
/** Of runs of a part of the table, or with another size. */
const partFolder = path.join(import.meta.dirname, '../../.cache/bench');

async function main(): Promise<number> {
  const args = process.argv.slice(2);
  const own = args.filter((argument) => argument !== inNamespace && argument !== alone);
  const plan = makePlan(own);
  if (args.includes(inNamespace)) return await runPlan(plan, namespaceAddresses);
  if (args.includes(alone)) return await runPlan(plan, []);
  installMissing(console.log);
  const namespace = namespaceCommand();
  if (namespace !== null) {
    const again = [process.execPath, ...process.execArgv, import.meta.filename, ...own];
    return await runToEnd([...namespace, ...again, inNamespace]);
  }
  console.log('No network namespace can be made here: traffic of others counts as ours.');
  return await runPlan(plan, []);
}

async function runPlan(plan: BenchPlan, addresses: readonly string[]): Promise<number> {
  const interrupt = new AbortController();
  const onSignal = (): void => {
    interrupt.abort(new Error('interrupted'));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  // Short: a Unix socket lies below it.
  const root = mkdtempSync(path.join(tmpdir(), 'cp-bench-'));
  process.env['TMPDIR'] = root;
  const bench = new Bench({ root, signal: interrupt.signal, addresses });
  const date = new Date().toISOString();
  const lines: LineResult[] = [];
  try {
    const facts: RunFacts = { date, machine: await describeMachine(), options: plan.options };
    for (const phase of plan.phases) {
      lines.push(
        ...(await runPhase(phase, {
          run: (row) => row.run(bench),
          missing: missingPrograms,
          log: console.log,
          now: () => performance.now() / 1000,
          signal: interrupt.signal,
        })),
      );
      await bench.endPhase();
    }
    report(plan, facts, new Results(inSections(lines)));
    return 0;
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    console.error('Interrupted; nothing was kept.');
    return 130;
  } finally {
    await bench.endPhase();
    rmSync(root, { recursive: true, force: true });
  }
}

function report(plan: BenchPlan, facts: RunFacts, results: Results): void {
  const goals = allGoals(plan.mainMiB);
  console.log(`\n${resultsText(results)}\n\n${goalsText(results, goals)}`);
  const problems = problemsText(results);
  if (problems !== '') console.log(`\n${problems}`);
  const folder = plan.whole ? resultsFolder : partFolder;
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, plan.name);
  writeFileSync(`${file}.json`, `${JSON.stringify(resultsJson(facts, results, goals), null, 2)}\n`);
  writeFileSync(`${file}.svg`, resultsChart(facts, results));
  console.log(`\nWritten: ${path.relative(process.cwd(), file)}.json and .svg`);
}

/** Lines of one section stand together, whatever phase they came from. */
function inSections(lines: readonly LineResult[]): LineResult[] {
  const sections = Map.groupBy(lines, ({ line }) => line.id.split('/')[0]);
  return [...sections.values()].flat();
}

runMain(main);
