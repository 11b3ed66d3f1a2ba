/** `npm test`: every check and every suite of the repository, one after the other. */
import { runStep, type Step, type StepResult } from './step.js';
import { summary } from './summary.js';

const steps: readonly Step[] = [
  { script: 'build', tests: false, timeoutMinutes: 3 },
  { script: 'types', tests: false, timeoutMinutes: 3 },
  { script: 'lint', tests: false, timeoutMinutes: 5 },
  { script: 'format:check', tests: false, timeoutMinutes: 3 },
  { script: 'layers', tests: false, timeoutMinutes: 3 },
  { script: 'unit', tests: true, timeoutMinutes: 8 },
  { script: 'e2e', tests: true, timeoutMinutes: 15 },
  { script: 'fault', tests: true, timeoutMinutes: 20 },
  { script: 'soak:short', tests: true, timeoutMinutes: 5 },
  { script: 'package', tests: true, timeoutMinutes: 3 },
  { script: 'test:host', tests: true, timeoutMinutes: 15 },
  { script: 'test:workbench', tests: true, timeoutMinutes: 15 },
];

async function main(): Promise<void> {
  const results: StepResult[] = [];
  for (const step of steps) {
    console.log(`\n──── npm run ${step.script}`);
    const result = await runStep(step);
    results.push(result);
    // Nothing that follows means anything without what it is built from.
    if (step.script === 'build' && !result.ok) break;
  }
  console.log(summary(results));
  if (!results.every((result) => result.ok)) process.exitCode = 1;
}

void main();
