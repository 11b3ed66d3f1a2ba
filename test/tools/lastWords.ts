const mostLines = 80;
const linesWithoutReport = 40;

/**
 * What a run that failed has to say of it: mocha's report of the failed tests, or else the end of the output. It is repeated
 * where everybody looks, at the end of a long run.
 */
export function lastWords(output: string): string {
  const lines = output.trimEnd().split(/\r?\n/);
  const report = lines.findLastIndex((line) => /^\s*\d+ failing\b/.test(line));
  const words =
    report < 0 ? lines.slice(-linesWithoutReport) : lines.slice(report, report + mostLines);
  return words.join('\n');
}
