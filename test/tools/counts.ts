/** How many tests a runner says it ran. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  /** The lines that say so, as printed. */
  readonly closing: readonly string[];
}

/**
 * Reads the closing lines of a runner's output: those of mocha (`12 passing (3s)`, `1 failing`) and
 * those of the repository's own runners (`12 passed, 1 failed`).
 */
export function readCounts(output: string): Counts {
  let passed = 0;
  let failed = 0;
  const closing: string[] = [];
  for (const line of output.split(/\r?\n/).map((text) => text.trim())) {
    const own = /^(?:.*: )?(\d+) passed, (\d+) failed\b/.exec(line);
    const mocha = /^(\d+) (passing|failing)\b/.exec(line);
    if (own) {
      passed += Number(own[1]);
      failed += Number(own[2]);
    } else if (mocha?.[2] === 'passing') passed += Number(mocha[1]);
    else if (mocha) failed += Number(mocha[1]);
    else continue;
    closing.push(line);
  }
  return { passed, failed, closing };
}
