import type { StepResult } from './step.js';

/**
 * The last lines of a run: one for each step, what those that failed had to say, then one for all. A step that fails
 * without a count of failed tests counts as one.
 */
export function summary(results: readonly StepResult[]): string {
  const width = Math.max(...results.map((result) => result.script.length));
  const lines = results.map((result) => {
    const words = result.ok ? result.closing.join(', ') || 'ok' : `FAILED: ${result.problem}`;
    return `${result.script.padEnd(width)}  ${result.seconds.toFixed(0).padStart(4)} s  ${words}`;
  });
  const failures = results
    .filter((result) => !result.ok)
    .flatMap((result) => ['', `──── why npm run ${result.script} failed`, '', result.lastWords]);
  const passed = sum(results, (result) => result.passed);
  const failed = sum(results, (result) => (result.ok ? 0 : Math.max(1, result.failed)));
  return ['', ...lines, ...failures, '', `${passed} passed, ${failed} failed`, ''].join('\n');
}

function sum(results: readonly StepResult[], value: (result: StepResult) => number): number {
  return results.reduce((total, result) => total + value(result), 0);
}
