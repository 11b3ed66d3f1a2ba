/**
 * `npm test`: every check and every suite of the repository. Suites run one after the other. The checks of the text, which
 * take one processor each, run two at a time, and the editor of the last suites is installed meanwhile: that waits for the
 * network more than for a processor.
 */
import { heading, runStep, type Printed, type Step, type StepResult } from './step.js';
import { summary } from './summary.js';

const check = (script: string, timeoutMinutes: number): Step => ({
  ...{ script, tests: false, timeoutMinutes },
});
const suite = (script: string, timeoutMinutes: number): Step => ({
  ...{ script, tests: true, timeoutMinutes },
});
type Lane = readonly Step[];

const build = check('build', 3);
const install = check('host:install', 30);
/** Each list by itself. */
const lanes: readonly Lane[] = [
  [check('lint', 8)],
  [check('types', 5), check('format:check', 5), check('layers', 5), suite('package', 3)],
];
const unit = suite('unit', 8);
const afterInstall: Lane = [
  suite('e2e', 15),
  suite('fault', 20),
  suite('soak:short', 5),
  suite('test:host', 15),
  suite('test:ui', 20),
];

async function main(): Promise<void> {
  const results: StepResult[] = [];
  const run = async (steps: Lane, printed: Printed = 'as it comes'): Promise<void> => {
    for (const step of steps) {
      if (printed === 'as it comes') console.log(heading(step));
      results.push(await runStep(step, printed));
    }
  };
  await run([build]);
  // Nothing that follows means anything without what it is built from.
  if (results.every((result) => result.ok)) {
    const installed = runStep(install, 'when it failed');
    await Promise.all(lanes.map((lane) => run(lane, 'when it failed')));
    await run([unit]);
    results.push(await installed);
    await run(afterInstall);
  }
  console.log(summary(results));
  if (!results.every((result) => result.ok)) process.exitCode = 1;
}

void main();
