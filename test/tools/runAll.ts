/**
 * `npm test`: every check and every suite of the repository, on two processors. The checks of the text take one processor
 * each: two at a time, and the editor is installed meanwhile, which waits for the network more than for a processor. Suites
 * that do one thing after the other wait now and then, and run two at a time as well; those that do several things at once
 * run alone.
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
const statics: readonly Lane[] = [
  [check('lint', 8)],
  [check('types', 5), check('format:check', 5), check('layers', 5)],
];
const serial: readonly Lane[] = [
  [suite('e2e', 20), suite('package', 3), suite('test:host', 15), suite('test:workbench', 15)],
  [suite('test:ui', 25), suite('soak:short', 8)],
];

async function main(): Promise<void> {
  const results: StepResult[] = [];
  const run = async (steps: Lane, printed: Printed = 'as it comes'): Promise<void> => {
    for (const step of steps) {
      if (printed === 'as it comes') console.log(heading(step));
      results.push(await runStep(step, printed));
    }
  };
  const together = (lanes: readonly Lane[], printed: Printed): Promise<unknown> =>
    Promise.all(lanes.map((lane) => run(lane, printed)));
  await run([build]);
  // Nothing that follows means anything without what it is built from.
  if (results.every((result) => result.ok)) {
    const installed = runStep(install, 'when it failed');
    await together(statics, 'when it failed');
    await run([suite('unit', 8)]);
    results.push(await installed);
    await run([suite('fault', 20)]);
    await together(serial, 'as a whole');
  }
  console.log(summary(results));
  if (!results.every((result) => result.ok)) process.exitCode = 1;
}

void main();
