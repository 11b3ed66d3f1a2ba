/**
 * `npm test`: every check and every suite of the repository. Suites run one after the other. The checks of the text, which
 * take one processor each, run two at a time, and the editor of the last suites is installed meanwhile: that waits for the
 * network more than for a processor.
 */
import { runStep, type Step, type StepResult } from './step.js';
import { summary } from './summary.js';

const check = (script: string, timeoutMinutes: number): Step => ({
  ...{ script, tests: false, timeoutMinutes },
});
const build = check('build', 3);
const install = check('host:install', 30);
/** Each list by itself. */
const lanes: readonly (readonly Step[])[] = [
  [check('lint', 8)],
  [check('types', 5), check('format:check', 5), check('layers', 5)],
];
const unit: Step = { script: 'unit', tests: true, timeoutMinutes: 8 };
const afterInstall: readonly Step[] = [
  { script: 'e2e', tests: true, timeoutMinutes: 15 },
  { script: 'fault', tests: true, timeoutMinutes: 20 },
  { script: 'soak:short', tests: true, timeoutMinutes: 5 },
  { script: 'package', tests: true, timeoutMinutes: 3 },
  { script: 'test:host', tests: true, timeoutMinutes: 15 },
  { script: 'test:workbench', tests: true, timeoutMinutes: 15 },
];

async function main(): Promise<void> {
  const results: StepResult[] = [];
  const run = async (steps: readonly Step[], quiet = false): Promise<void> => {
    for (const step of steps) {
      console.log(`\n──── npm run ${step.script}`);
      results.push(await runStep(step, quiet));
    }
  };
  await run([build]);
  // Nothing that follows means anything without what it is built from.
  if (results.every((result) => result.ok)) {
    const installed = runStep(install, true);
    await Promise.all(lanes.map((lane) => run(lane, true)));
    await run([unit]);
    results.push(await installed);
    await run(afterInstall);
  }
  console.log(summary(results));
  if (!results.every((result) => result.ok)) process.exitCode = 1;
}

void main();
