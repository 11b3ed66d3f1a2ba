import { rmSync } from 'node:fs';
import path from 'node:path';
import { getFile } from '../../e2e/results.js';
import { sha256File } from '../../support/files.js';
import { Random } from '../engine/random.js';
import type { AttackContext } from './attack.js';
import { HostileMember } from './hostileMember.js';
import { afterAdmission } from './members.js';
import { pause } from './rawLink.js';
import { makeSetting, type Setting } from './setting.js';
import { beforeAdmission, beforeTls, control } from './strangers.js';
import { Watcher } from './watcher.js';

export interface LiveOptions {
  readonly seconds: number;
  readonly seed: number;
  /** Only attacks whose kind and name contain it. */
  readonly only?: string;
  /** Attacks in a row before everybody is left in peace for a moment, and memory is compared; 12 unless told. */
  readonly roundSeconds?: number;
  readonly log: (line: string) => void;
}

const quietMs = 1_000;
/** Of strangers at a time, each from an address of its own: a peer takes few from one, and 64 in all. */
const strangerLanes = 4;
const checkEveryMs = 3_000;

/** Attacks a real peer for a while. @returns what went wrong: empty when all held. */
export async function fuzzLive(options: LiveOptions): Promise<readonly string[]> {
  const { seconds, seed, only = '', roundSeconds = 12, log } = options;
  const setting = await makeSetting();
  const watcher = new Watcher(setting);
  const counts = new Map<string, number>();
  try {
    log(`before anything: ${await watcher.note()}`);
    const started = performance.now();
    const passed = (): number => (performance.now() - started) / 1000;
    for (let round = 0; passed() < seconds && watcher.problems.length === 0; round++) {
      const until = started + Math.min(passed() + roundSeconds, seconds) * 1000;
      await runRound(setting, watcher, { seed: seed + round * 1000, until, counts, only });
      await pause(quietMs);
      await watcher.check();
      log(`${passed().toFixed(0).padStart(5)} s  ${sum(counts)} cases, ${await watcher.note()}`);
    }
    if (watcher.problems.length === 0) await endToEnd(setting, watcher);
  } finally {
    setting.good.dispose();
    await setting.group.dispose();
  }
  for (const [name, count] of [...counts].sort()) log(`${String(count).padStart(7)}  ${name}`);
  for (const line of watcher.judge()) log(line);
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

/** After all that, whole files are as they were. */
async function endToEnd(
  { group, victim, other, shares }: Setting,
  watcher: Watcher,
): Promise<void> {
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

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, count) => total + count, 0);
}
