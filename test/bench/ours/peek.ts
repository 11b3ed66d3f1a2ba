import { randomInt } from 'node:crypto';
import { cliPath, runCli, testEnvironment } from '../../support/cliProcess.js';
import { mebibyte, type Bench } from '../bench.js';
import { measure } from '../measure/meter.js';
import { NotAvailable, type Sample } from '../row.js';
import { OurGroup } from './ourGroup.js';

const peekBytes = 64 << 10;

/** 64 KiB from random places of a large share, each by a terminal command of its own; seconds are those of one. */
export async function ourPeek(bench: Bench, shareMiB: number, count: number): Promise<Sample> {
  const help = await runCli(['cat', '--help'], { unguarded: true });
  if (help.code !== 0 || !help.stdout.includes('--range')) {
    throw new NotAvailable('this version reads no ranges');
  }
  const file = await bench.file(shareMiB * mebibyte);
  const ours = await OurGroup.withShare(bench, file.path);
  return bench.sample(async (_folder, processes) => {
    await ours.run(processes, [...ours.holders, ours.getter]);
    await ours.getter.lists(ours.share.shareId);
    const env = testEnvironment({ unguarded: true });
    const sample = await measure(processes.roles, async () => {
      for (let index = 0; index < count; index += 1) {
        const first = randomInt(file.bytes - peekBytes);
        const range = `${first}-${first + peekBytes - 1}`;
        const args = [cliPath, 'cat', ours.share.shareId, '--range', range];
        const cat = [process.execPath, ...args, '--data-dir', ours.getter.dataDir];
        await processes
          .start('cat', 'sh', ['-c', 'exec "$@" > /dev/null', '-', ...cat], { env })
          .succeeds();
      }
    });
    return {
      seconds: sample.seconds / count,
      cpuSeconds: sample.cpuSeconds / count,
      wireBytes: sample.wireBytes / count,
      peakRssMiB: sample.peakRssMiB,
    };
  });
}
