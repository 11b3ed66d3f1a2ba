/**
 * `npm run fuzz -- [--minutes N] [--target NAME|live] [--seed S] [--blind] [--input FILE]`: everything that reads what
 * others wrote, and a live peer; see README.md beside this file.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { keepFinding } from './corpus.js';
import { decoderBounds } from './engine/bounds.js';
import type { TargetReport } from './engine/messages.js';
import { newSeed } from './engine/random.js';
import { runInput } from './engine/runInput.js';
import { supervise } from './engine/supervise.js';
import { fuzzLive } from './live/live.js';
import { targets } from './targets/table.js';
import { runMain } from '../support/runMain.js';

const live = 'live';

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '2' },
      target: { type: 'string' },
      seed: { type: 'string' },
      blind: { type: 'boolean', default: false },
      input: { type: 'string' },
      attack: { type: 'string' },
    },
  });
  const { target, input } = values;
  const chosen = targets.filter(({ name }) => target === undefined || target === name);
  const withLive = target === undefined || target === live;
  if (chosen.length === 0 && !withLive) throw new RangeError(`no target ${target}`);
  if (input !== undefined) {
    for (const one of chosen) await runInput(one, readFileSync(input), decoderBounds);
    return 0;
  }
  const seconds = Number(values.minutes) * 60;
  const seed = values.seed === undefined ? newSeed() : Number(values.seed);
  console.log(`seed ${seed}`);
  let problems = 0;
  if (chosen.length > 0) {
    const each = (withLive ? seconds / 2 : seconds) / chosen.length;
    const names = chosen.map(({ name }) => name);
    // A seed repeats a run that started with nothing but the seeds of the targets.
    const keeps = values.seed === undefined && !values.blind;
    const task = { targets: names, seconds: each, seed, blind: values.blind, keeps };
    await supervise(task, (report) => {
      if (report.finding !== undefined) problems += 1;
      console.log(reportText(report));
    });
  }
  if (withLive) {
    const liveSeconds = chosen.length > 0 ? seconds / 2 : seconds;
    const found = await fuzzLive({
      ...{ seconds: liveSeconds, seed, log: console.log },
      ...(values.attack !== undefined && { only: values.attack }),
    });
    for (const problem of found) console.log(`live: ${problem}`);
    problems += found.length;
  }
  console.log(problems === 0 ? 'nothing found' : `${problems} found, seed ${seed}`);
  return problems === 0 ? 0 : 1;
}

function reportText({
  target,
  runs,
  corpus,
  blocksAtFirst,
  blocks,
  finding,
}: TargetReport): string {
  const line = `${target.padEnd(16)} ${String(runs).padStart(8)} inputs, blocks ${blocksAtFirst} → ${blocks}, corpus ${corpus}`;
  if (finding === undefined) return line;
  return `${line}\n  FOUND, kept in ${keepFinding(target, finding.input)}:\n  ${finding.reason}`;
}

runMain(main);
