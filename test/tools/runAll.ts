/**
 * `npm test`: every check and every suite of the repository, one after the other. Only the editor of the last suites is
 * installed beside the first steps: that waits for the network more than for a processor.
 */
import { runStep, type Step, type StepResult } from './step.js';
import { summary } from './summary.js';

const build: Step = { script: 'build', tests: false, timeoutMinutes: 3 };
const install: Step = { script: 'host:install', tests: false, timeoutMinutes: 30 };
const besideInstall: readonly Step[] = [
  { script: 'types', tests: false, timeoutMinutes: 3 },
  { script: 'lint', tests: false, timeoutMinutes: 5 },
  { script: 'format:check', tests: false, timeoutMinutes: 3 },
  { script: 'layers', tests: false, timeoutMinutes: 3 },
  { script: 'unit', tests: true, timeoutMinutes: 8 },
];
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
  const run = async (steps: readonly Step[]): Promise<void> => {
    for (const step of steps) {
      console.log(`\n──── npm run ${step.script}`);
      results.push(await runStep(step));
    }
  };
  await run([build]);
  // Nothing that follows means anything without what it is built from.
  if (results.every((result) => result.ok)) {
    const installed = runStep(install, true);
    await run(besideInstall);
    results.push(await installed);
    await run(afterInstall);
  }
  console.log(summary(results));
  if (!results.every((result) => result.ok)) process.exitCode = 1;
}

void main();
