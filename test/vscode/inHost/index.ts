import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';
import { suiteEnvironment, type SuiteResults } from './results.js';

/**
 * Entry point inside the extension host. A host that dies reports success, so what counts is the file of results. It is
 * written after each test: of a suite that hangs it tells where.
 */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 60_000, reporter: 'spec', color: false });
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  await import('./suite.js');
  const passed: string[] = [];
  const failed: { title: string; error: string }[] = [];
  const write = (ended: boolean): void => {
    const results: SuiteResults = { passed, failed, ended };
    writeFileSync(process.env[suiteEnvironment.results] ?? '', JSON.stringify(results));
  };
  await new Promise<void>((resolve) => {
    const runner = mocha.run(() => {
      resolve();
    });
    runner.on('pass', (test) => {
      passed.push(test.fullTitle());
      write(false);
    });
    runner.on('fail', (test, error: unknown) => {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      failed.push({ title: test.fullTitle(), error: text });
      write(false);
    });
  });
  write(true);
  if (failed.length > 0) throw new Error(`${String(failed.length)} failed`);
}
