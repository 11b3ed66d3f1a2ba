import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { readCounts, type Counts } from './counts.js';
import { lastWords } from './lastWords.js';

/** `soon`: others will wait for it. */
const priorities = { soon: 5, late: constants.priority.PRIORITY_LOW } as const;

/** One npm script as a part of a larger run. */
export interface Step {
  /** Name of the script in package.json; its pre-script is not run again. */
  readonly script: string;
  /** Whether it runs tests: then it has to say how many, and none is a failure. */
  readonly tests: boolean;
  readonly timeoutMinutes: number;
  /** Runs beside others: with a part of the processors, or with what they leave. */
  readonly background?: keyof typeof priorities;
}

export interface StepResult extends Counts {
  readonly script: string;
  readonly ok: boolean;
  readonly seconds: number;
  /** Why it is not ok, or empty. */
  readonly problem: string;
  /** What it printed of that. */
  readonly lastWords: string;
}

/** When what a step prints is passed on: of several at once it is readable only as a whole. */
export type Printed = 'as it comes' | 'when it failed';

/** Runs one script, and ends it with all its children at the deadline. */
export async function runStep(step: Step, printed: Printed = 'as it comes'): Promise<StepResult> {
  const started = performance.now();
  const windows = process.platform === 'win32';
  const child = spawn('npm', ['run', '--silent', '--ignore-scripts', step.script], {
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: windows,
    detached: !windows,
  });
  if (step.background !== undefined && child.pid !== undefined) {
    giveWay(child.pid, priorities[step.background]);
  }
  const output: Buffer[] = [];
  child.stdout.on('data', (data: Buffer) => {
    output.push(data);
    if (printed === 'as it comes') process.stdout.write(data);
  });
  child.stderr.on('data', (data: Buffer) => {
    output.push(data);
    if (printed === 'as it comes') process.stderr.write(data);
  });
  let late = false;
  const deadline = setTimeout(() => {
    late = true;
    endGroup(child.pid);
  }, step.timeoutMinutes * 60_000);
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => {
      resolve(null);
    });
    child.once('close', resolve);
  });
  clearTimeout(deadline);
  const text = Buffer.concat(output).toString('utf8');
  const counts = readCounts(text);
  const problem = judge(step, code, counts, late);
  if (printed === 'when it failed' && problem !== '') process.stdout.write(heading(step) + text);
  const seconds = (performance.now() - started) / 1000;
  const ok = problem === '';
  return {
    ...{ script: step.script, ok, seconds, problem, ...counts },
    lastWords: ok ? '' : lastWords(text),
  };
}

export function heading({ script }: Step): string {
  return `\n──── npm run ${script}\n`;
}

function judge(step: Step, code: number | null, counts: Counts, late: boolean): string {
  if (late) return `not done after ${step.timeoutMinutes} minutes`;
  if (counts.failed > 0) return `${counts.failed} failed`;
  if (code !== 0) return `exit code ${String(code)}`;
  if (step.tests && counts.passed === 0) return 'ran no test';
  return '';
}

/** Lowers the priority of a process, and of all that it will start. */
function giveWay(pid: number, priority: number): void {
  try {
    setPriority(pid, priority);
    // Linux compares the priorities of a session's processes only with each other, unless the session has one, too.
    if (process.platform === 'linux') writeFileSync(`/proc/${pid}/autogroup`, String(priority));
  } catch {
    // It has ended, or the system is built without that: it is slower then, and nothing else.
  }
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // It has ended in the meantime.
  }
}
