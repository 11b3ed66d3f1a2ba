/**
 * `npm run bench -- [--quick | --large]`: shares a file over four peers, gets it on a sixth, and sends
 * the same bytes through a plain TLS stream, in turns; prints medians and ratios. It measures and never
 * judges: no figure makes it fail. SIZE=n sets the size in MiB. `--quick`: 256 MiB, three runs;
 * `--large`: 4 GiB once, for the peak memory.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { sha256File, writeRandomFile } from '../support/files.js';
import { median, table } from './figures.js';
import { runRound, type Round } from './round.js';
import { tlsStreamSeconds } from './tlsStream.js';

const mebibyte = 1 << 20;
const results = path.join(import.meta.dirname, 'results');

interface Plan {
  readonly sizeMiB: number;
  readonly runs: number;
}

function plan(): Plan {
  const { values } = parseArgs({
    options: { quick: { type: 'boolean' }, large: { type: 'boolean' } },
  });
  const chosen: Plan = values.large
    ? { sizeMiB: 4096, runs: 1 }
    : values.quick
      ? { sizeMiB: 256, runs: 3 }
      : { sizeMiB: 1024, runs: 5 };
  const size = Number(process.env['SIZE'] ?? chosen.sizeMiB);
  if (!Number.isInteger(size) || size < 1) throw new Error('SIZE is a number of MiB');
  return { ...chosen, sizeMiB: size };
}

async function measure({ sizeMiB, runs }: Plan): Promise<{ tls: number[]; rounds: Round[] }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'chunk-partitioner-bench-'));
  try {
    const file = path.join(folder, 'file');
    await writeRandomFile(file, sizeMiB * mebibyte);
    const sha256 = await sha256File(file);
    const tls: number[] = [];
    const rounds: Round[] = [];
    for (let run = 1; run <= runs; run += 1) {
      tls.push(await tlsStreamSeconds(file, sizeMiB * mebibyte, folder));
      const round = await runRound(file, sha256);
      rounds.push(round);
      const rates = [tls.at(-1) ?? NaN, round.shareSeconds, round.getSeconds].map((seconds) =>
        (sizeMiB / seconds).toFixed(0),
      );
      console.log(`run ${run} of ${runs}, MiB/s: TLS, share, get = ${rates.join(', ')}`);
    }
    return { tls, rounds };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function report({ sizeMiB, runs }: Plan, tls: number[], rounds: Round[]): void {
  const tlsSeconds = median(tls);
  const medians = {
    tls: tlsSeconds,
    share: median(rounds.map((round) => round.shareSeconds)),
    get: median(rounds.map((round) => round.getSeconds)),
  };
  const peak = (role: keyof Round['peakMiB']): number | null =>
    rounds.reduce<number | null>(
      (most, { peakMiB }) => (peakMiB[role] === null ? most : Math.max(most ?? 0, peakMiB[role])),
      null,
    );
  const peaks = { sharer: peak('sharer'), holder: peak('holder'), getter: peak('getter') };
  const row = (name: string, seconds: number): string[] => [
    name,
    seconds.toFixed(2),
    (sizeMiB / seconds).toFixed(0),
    (tlsSeconds / seconds).toFixed(2),
  ];
  console.log(`\n${sizeMiB} MiB over 4 peers (${rounds[0]?.code ?? ''}), medians of ${runs}:\n`);
  console.log(
    table([
      ['', 'seconds', 'MiB/s', 'of TLS'],
      row('plain TLS stream', medians.tls),
      row('share', medians.share),
      row('get', medians.get),
    ]),
  );
  console.log(
    `\n${table([
      ['peak memory', 'MiB'],
      ...Object.entries(peaks).map(([role, most]) => [role, most?.toFixed(0) ?? 'unknown']),
    ])}`,
  );
  mkdirSync(results, { recursive: true });
  const machine = { cpu: cpus()[0]?.model ?? '', cores: cpus().length, node: process.version };
  const target = path.join(results, `${sizeMiB}MiB.json`);
  const facts = { machine, sizeMiB, runs, medianSeconds: medians, peakMiB: peaks, tls, rounds };
  writeFileSync(target, `${JSON.stringify(facts, null, 2)}\n`);
  console.log(`\nAll figures: ${path.relative(process.cwd(), target)}`);
}

async function main(): Promise<void> {
  const chosen = plan();
  const { tls, rounds } = await measure(chosen);
  report(chosen, tls, rounds);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
