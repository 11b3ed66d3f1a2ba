import { rmSync } from 'node:fs';
import path from 'node:path';
import { getFile } from '../../e2e/results.js';
import { sha256File } from '../../support/files.js';
import { Random } from '../engine/random.js';
import type { AttackContext } from './attack.js';
import { HostileMember } from './hostileMember.js';
import { residentMemory } from './memory.js';
import { afterAdmission } from './members.js';
import { pause } from './rawLink.js';
import { makeSetting, type Setting } from './setting.js';
import { beforeAdmission, beforeTls, control } from './strangers.js';

export interface LiveOptions {
  readonly seconds: number;
  readonly seed: number;
  /** Only attacks whose kind and name contain it. */
  readonly only?: string;
  readonly log: (line: string) => void;
}

/** Attacks in a row before everybody is left in peace for a moment, and memory is compared. */
const roundSeconds = 12;
/** Rounds in which a fresh process finds its size, at most this part of the time. */
const warmUpRounds = 4;
const warmUpPart = 0.25;
/** Of strangers at a time, each from an address of its own: a peer takes few from one, and 64 in all. */
const strangerLanes = 4;
/** Longest time in which everybody else is served, milliseconds. */
const servedMs = 10_000;
const checkEveryMs = 3_000;
/** Growth of memory between quiet moments, MiB. */
const flatMiB = 50;
/** Resident at any moment, MiB: what the end-to-end tests hold for transfers. */
const mostMiB = 300;

/** What is seen of the peer under attack. */
class Watcher {
  readonly problems: string[] = [];
  readonly quiet: number[] = [];
  peak = 0;
  checks = 0;
  slowest = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly setting: Setting) {}

  start(): void {
    this.#timer = setInterval(() => {
      this.peak = Math.max(this.peak, residentMemory(this.setting.victim.pid) ?? 0);
    }, 200);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Whether a member, a client and the process itself are there and served in time. */
  async check(): Promise<void> {
    const { victim, good } = this.setting;
    const started = performance.now();
    const served = async (): Promise<string> => {
      await good.check();
      await (await victim.client()).request('status', null);
      return '';
    };
    const outcome = await Promise.race([
      served().catch((error: unknown) => (error instanceof Error ? error.message : String(error))),
      pause(servedMs).then(() => `not served within ${servedMs / 1000} s`),
    ]);
    this.checks += 1;
    this.slowest = Math.max(this.slowest, performance.now() - started);
    if (!victim.running) this.problems.push('the peer has ended');
    else if (outcome !== '') this.problems.push(outcome);
  }
}

/** Attacks a real peer for a while. @returns what went wrong: empty when all held. */
export async function fuzzLive({
  seconds,
  seed,
  only = '',
  log,
}: LiveOptions): Promise<readonly string[]> {
  const setting = await makeSetting();
  const watcher = new Watcher(setting);
  const counts = new Map<string, number>();
  try {
    watcher.start();
    log(`${(residentMemory(setting.victim.pid) ?? 0).toFixed(0)} MiB before anything`);
    const started = performance.now();
    const passed = (): number => (performance.now() - started) / 1000;
    for (let round = 0; passed() < seconds && watcher.problems.length === 0; round++) {
      const until = Math.min(passed() + roundSeconds, seconds) * 1000 + started;
      await runRound(setting, watcher, {
        ...{ seed: seed + round * 1000, until, counts, only },
      });
      await quietMoment(setting, watcher);
      const now = watcher.quiet.at(-1)?.toFixed(0) ?? '?';
      log(
        `${passed().toFixed(0).padStart(5)} s  ${sum(counts)} cases, ${now} MiB, at most ${watcher.peak.toFixed(0)}`,
      );
    }
    await endToEnd(setting, watcher);
  } finally {
    watcher.stop();
    setting.good.dispose();
    await setting.group.dispose();
  }
  const errors = setting.victim.log.split('\n').filter((line) => line.includes(' error '));
  if (errors.length > 0)
    watcher.problems.push(`${errors.length} errors in its log: ${errors[0] ?? ''}`);
  judgeMemory(watcher, log);
  for (const [name, count] of [...counts].sort()) log(`${String(count).padStart(7)}  ${name}`);
  log(`${watcher.checks} checks, the slowest ${watcher.slowest.toFixed(0)} ms`);
  return watcher.problems;
}

interface Round {
  readonly seed: number;
  /** By `performance.now()`. */
  readonly until: number;
  readonly counts: Map<string, number>;
  readonly only: string;
}

const named = <T extends { readonly name: string }>(kind: string, attacks: readonly T[]): T[] =>
  attacks.map((attack) => ({ ...attack, name: `${kind}: ${attack.name}` }));
const ofStrangers = [
  ...named('before TLS', beforeTls),
  ...named('before admission', beforeAdmission),
  ...named('control channel', control),
];
const ofMembers = named('after admission', afterAdmission);

async function runRound(
  { world }: Setting,
  watcher: Watcher,
  { seed, until, counts, only }: Round,
): Promise<void> {
  const goesOn = (): boolean => performance.now() < until && watcher.problems.length === 0;
  const count = (name: string): void => {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  };
  const contextOf = (lane: number): AttackContext => ({
    world,
    random: new Random(seed + lane),
    localAddress: process.platform === 'linux' ? `127.0.0.${10 + lane}` : '127.0.0.1',
  });
  const chosen = ofStrangers.filter(({ name }) => name.includes(only));
  const strangers = Array.from(
    { length: chosen.length > 0 ? strangerLanes : 0 },
    async (_, lane) => {
      const context = contextOf(lane);
      while (goesOn()) {
        const attack = context.random.pick(chosen);
        await attack.run(context);
        count(attack.name);
      }
    },
  );
  const attacks = ofMembers.filter(({ name }) => name.includes(only));
  const members = (attacks.length > 0 ? world.members : []).map(async (identity, index) => {
    const context = contextOf(100 + index);
    while (goesOn()) {
      const member = await HostileMember.enter(world, identity, context.localAddress);
      if (member === null) {
        count('after admission: not let in');
        await pause(100);
        continue;
      }
      const attack = context.random.pick(attacks);
      await attack.run(member, context);
      member.link.destroy();
      count(attack.name);
    }
  });
  const checks = (async () => {
    while (goesOn()) {
      await watcher.check();
      await pause(checkEveryMs);
    }
  })();
  await Promise.all([...strangers, ...members, checks]);
}

/** Everybody has left: what remains is what it costs. */
async function quietMoment({ victim }: Setting, watcher: Watcher): Promise<void> {
  await pause(1_000);
  await watcher.check();
  const now = residentMemory(victim.pid);
  if (now !== null) watcher.quiet.push(now);
}

/** After all that, whole files are as they were. */
async function endToEnd(
  { group, victim, other, shares }: Setting,
  watcher: Watcher,
): Promise<void> {
  if (watcher.problems.length > 0) return;
  for (const peer of [victim, other]) {
    for (const { shareId, sha256 } of shares) {
      const target = path.join(group.root, 'fetched');
      await getFile(peer, shareId, target);
      if ((await sha256File(target)) !== sha256)
        watcher.problems.push(`${shareId} is another file`);
      rmSync(target);
    }
  }
}

function judgeMemory({ quiet, peak, problems }: Watcher, log: (line: string) => void): void {
  const warmUp = Math.min(warmUpRounds, Math.floor(quiet.length * warmUpPart));
  const [start, ...later] = quiet.slice(warmUp);
  if (start === undefined) return;
  const most = Math.max(start, ...later);
  log(
    `memory between rounds: ${start.toFixed(0)} MiB after warming up, then at most ${most.toFixed(0)}, ` +
      `${(later.at(-1) ?? start).toFixed(0)} in the end; ${peak.toFixed(0)} at the worst moment`,
  );
  if (most - start > flatMiB) problems.push(`memory grew by ${(most - start).toFixed(0)} MiB`);
  if (peak > mostMiB) problems.push(`it had ${peak.toFixed(0)} MiB resident`);
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, count) => total + count, 0);
}
