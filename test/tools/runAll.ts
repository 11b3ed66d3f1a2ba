/**
 * `npm test`: every check and every suite of the repository. Suites run one after the other. They often wait: the checks of
 * the text run beside them meanwhile, with what they leave of the processors, and the editor of the last suites is installed.
 */
import { heading, runStep, type Printed, type Step, type StepResult } from './step.js';
import { summary } from './summary.js';
import { textChecks } from './textChecks.js';

type Steps = readonly Step[];

const build: Step = { script: 'build', tests: false, timeoutMinutes: 3 };
const install: Step = {
  ...{ script: 'host:install', tests: false, timeoutMinutes: 30, background: 'soon' },
};
const checks: Steps = [...textChecks, 'package'].map((script) => ({
  ...{ script, tests: script === 'package', timeoutMinutes: 20, background: 'late' },
}));
const suite = (script: string, timeoutMinutes: number): Step => ({
  ...{ script, tests: true, timeoutMinutes },
});

const withoutEditor: Steps = [
  suite('unit', 8),
  suite('integration', 5),
  suite('e2e', 15),
  suite('fault', 20),
  suite('soak:short', 5),
];
const inEditor: Steps = [suite('test:host', 15), suite('test:ui', 20)];

async function main(): Promise<void> {
  const results: StepResult[] = [];
  const run = async (steps: Steps, printed: Printed = 'as it comes'): Promise<void> => {
    for (const step of steps) {
      if (printed === 'as it comes') console.log(heading(step));
      results.push(await runStep(step, printed));
    }
  };
  await run([build]);
  // Nothing that follows means anything without what it is built from.
  if (results.every((result) => result.ok)) {
    const checked = run(checks, 'when it failed');
    const installed = run([install], 'when it failed');
    await run(withoutEditor);
    await installed;
    await run(inEditor);
    await checked;
  }
  console.log(summary(results));
  if (!results.every((result) => result.ok)) process.exitCode = 1;
}

void main();
