/**
 * `npm run check`: all that needs no other process and no editor, side by side. In under a minute once the caches of types,
 * lint and format are there.
 */
import { runStep, type Step } from './step.js';
import { summary } from './summary.js';
import { textChecks } from './textChecks.js';

const statics: readonly Step[] = textChecks.map((script) => ({
  script,
  tests: false,
  timeoutMinutes: 3,
}));

async function main(): Promise<void> {
  const unit: Step = { script: 'unit', tests: true, timeoutMinutes: 5 };
  const results = await Promise.all([
    ...statics.map((step) => runStep(step, 'when it failed')),
    runStep(unit),
  ]);
  console.log(summary(results));
  if (!results.every((result) => result.ok)) process.exitCode = 1;
}

void main();
