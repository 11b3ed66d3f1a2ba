import { pause } from './rawLink.js';
import { retainedBy, resourcesOf, type Resources } from './resources.js';
import type { Setting } from './setting.js';

/** Longest time in which everybody else is served, milliseconds; a busy machine is given some tries. */
const servedMs = 10_000;
const tries = 3;
const peekEveryMs = 200;
/** Part of the quiet moments in which a fresh process finds its size. */
const warmUpPart = 0.25;
/** From so many quiet moments on, it has. */
const enoughMoments = 8;
/** Growth of what is resident between quiet moments, MiB. */
const flatMiB = 50;
/** Growth of what is still in use in quiet moments, MiB. */
const retainedMiB = 12;
/** More open files than in the beginning: of uploads that wait, a peer keeps 128 open. */
const flatFiles = 150;
/** What the bounds of one connection let be under way, input and output, MiB. */
const connectionMiB = 64;
/** Lines that attackers may have written into the log, a minute. */
const logLines = 1_000;

/** What is seen of the peer under attack. */
export class Watcher {
  readonly problems: string[] = [];
  readonly #quiet: Resources[] = [];
  /** What was still in use in each of the quiet moments, by the number of the thread, MiB. */
  readonly #retained: ReadonlyMap<number, number>[] = [];
  readonly #started = performance.now();
  readonly #timer: NodeJS.Timeout;
  #peak = 0;
  #checks = 0;
  #slowest = 0;

  constructor(private readonly setting: Setting) {
    this.#timer = setInterval(() => {
      this.#peek();
    }, peekEveryMs).unref();
  }

  /** Whether a member, a client and the process itself are there and served in time. */
  async check(): Promise<void> {
    const { victim } = this.setting;
    let problem = '';
    for (let attempt = 0; attempt < tries && victim.running; attempt++) {
      problem = await this.#tryToBeServed();
      if (problem === '') return;
    }
    this.problems.push(victim.running ? problem : `the peer has ended\n${victim.log.slice(-2000)}`);
  }

  /** @returns why not, or nothing */
  async #tryToBeServed(): Promise<string> {
    const { victim, good } = this.setting;
    const started = performance.now();
    const served = async (): Promise<string> => {
      await good.check();
      await (await victim.client()).request('status', null);
      return '';
    };
    const outcome = await Promise.race([
      served().catch((error: unknown) => (error instanceof Error ? error.message : String(error))),
      pause(servedMs).then(() => `a member or a client is not served within ${servedMs / 1000} s`),
    ]);
    this.#checks += 1;
    this.#slowest = Math.max(this.#slowest, performance.now() - started);
    return outcome;
  }

  /** To be called when everybody has left: what remains is what it costs. @returns words for it */
  async note(): Promise<string> {
    if (this.#peek() === null) return '';
    const retained = await retainedBy(this.setting.victim);
    // Behind the collection: garbage is nothing that it holds.
    const now = this.#peek();
    if (now === null) return '';
    this.#quiet.push(now);
    this.#retained.push(retained);
    const inUse = sum(retained.values()).toFixed(1);
    const figures = [`${now.resident.toFixed(0)} MiB resident`, `${inUse} in use`];
    return `${figures.join(', ')}, ${now.files} files`;
  }

  /** Adds what was too much to the problems. @returns words for all that was seen */
  judge(): string[] {
    clearInterval(this.#timer);
    const lines = [`${this.#checks} checks, the slowest ${this.#slowest.toFixed(0)} ms`];
    const [first, start, ...later] = this.#afterWarmUp();
    if (first !== undefined && start !== undefined) {
      lines.push(...this.#growth(first, start, later));
    }
    const log = this.setting.victim.log.split('\n').slice(0, -1);
    const errors = log.filter((line) => /^\S+ error /.test(line));
    const minutes = (performance.now() - this.#started) / 60_000;
    lines.push(`${log.length} lines in its log, ${errors.length} of errors`);
    if (errors[0] !== undefined) this.problems.push(`an error in its log: ${errors[0]}`);
    if (log.length > logLines * (minutes + 1)) {
      this.problems.push(`its log is filled with lines such as ${log.at(-1) ?? ''}`);
    }
    return lines;
  }

  #growth(first: Resources, start: Resources, later: readonly Resources[]): string[] {
    const most = Math.max(...later.map(({ resident }) => resident));
    const last = later.at(-1) ?? start;
    const grown = most - start.resident;
    if (grown > flatMiB && this.#quiet.length >= enoughMoments) {
      this.problems.push(`memory grew by ${grown.toFixed(0)} MiB`);
    }
    const [before = new Map<number, number>(), ...retained] = this.#retained;
    const kept = Math.max(...retained.map((now) => growthOfThreads(before, now)));
    if (kept > retainedMiB) this.problems.push(`${kept.toFixed(0)} MiB more are in use`);
    const files = last.files - start.files;
    if (files > flatFiles) this.problems.push(`${files} files or sockets were left open`);
    const bound = start.resident + flatMiB + connectionMiB * this.setting.world.members.length;
    if (this.#peak > bound) {
      this.problems.push(`${this.#peak.toFixed(0)} MiB were resident at the worst moment`);
    }
    return [
      `memory in quiet moments: ${first.resident.toFixed(0)} MiB before all, ` +
        `${start.resident.toFixed(0)} after warming up, from then on at most ${most.toFixed(0)}, ` +
        `${last.resident.toFixed(0)} in the end; ${this.#peak.toFixed(0)} at the worst moment`,
      `memory in use then: ${sum(before.values()).toFixed(1)} MiB before all, ` +
        `at most ${kept.toFixed(1)} more in the same threads`,
      `open files: ${first.files} before all, ${start.files} after warming up, ${last.files} in the end`,
    ];
  }

  /** The very first moment, then those that count. */
  #afterWarmUp(): readonly Resources[] {
    const warmUp = Math.floor(this.#quiet.length * warmUpPart);
    return [...this.#quiet.slice(0, 1), ...this.#quiet.slice(Math.max(1, warmUp))];
  }

  #peek(): Resources | null {
    const now = resourcesOf(this.setting.victim.pid);
    this.#peak = Math.max(this.#peak, now?.resident ?? 0);
    return now;
  }
}

/** Threads of transfers come and go: what is compared is what was there before. */
function growthOfThreads(
  before: ReadonlyMap<number, number>,
  now: ReadonlyMap<number, number>,
): number {
  return sum([...before].map(([thread, bytes]) => (now.get(thread) ?? bytes) - bytes));
}

function sum(values: Iterable<number>): number {
  return [...values].reduce((total, value) => total + value, 0);
}
