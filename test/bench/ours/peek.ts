import { randomInt } from 'node:crypto';
import { open } from 'node:fs/promises';
import { cliPath, runCli, testEnvironment } from '../../support/cliProcess.js';
import { mebibyte, type Bench, type SourceFile } from '../bench.js';
import { measure } from '../measure/meter.js';
import { NotAvailable, type Sample } from '../row.js';
import { OurGroup } from './ourGroup.js';

const peekBytes = 64 << 10;

export interface PeekSamples {
  /** By the request of an editor. */
  readonly read: Sample;
  /** By a command in a terminal, with the start of the program. */
  readonly cat: Sample;
}

/** 64 KiB from `count` random places of a large share, one after the other; seconds are those of one. */
export async function ourPeek(bench: Bench, shareMiB: number, count: number): Promise<PeekSamples> {
  const help = await runCli(['cat', '--help'], { unguarded: true });
  if (help.code !== 0 || !help.stdout.includes('--range')) {
    throw new NotAvailable('this version reads no ranges');
  }
  const file = await bench.file(shareMiB * mebibyte);
  const ours = await OurGroup.withShare(bench, file.path);
  const places = (): number[] =>
    Array.from({ length: count }, () => randomInt(file.bytes - peekBytes));
  return bench.sample(async (_folder, processes) => {
    await ours.run(processes, [...ours.holders, ours.getter]);
    const { shareId } = ours.share;
    await ours.getter.lists(shareId);
    // Not every version's contract has the request; the help of `cat` told that this one's has.
    const client: unknown = await ours.getter.client();
    const peeks: { readonly offset: number; readonly bytes: Buffer }[] = [];
    const read = await measure(processes.roles, async () => {
      for (const offset of places()) {
        peeks.push({ offset, bytes: await readAt(client as Reader, shareId, offset) });
      }
    });
    for (const { offset, bytes } of peeks) await checkPeek(file, offset, bytes);
    const env = testEnvironment({ unguarded: true });
    const cat = await measure(processes.roles, async () => {
      for (const offset of places()) {
        const args = [cliPath, 'cat', shareId, '--range', `${offset}-${offset + peekBytes - 1}`];
        const command = [process.execPath, ...args, '--data-dir', ours.getter.dataDir];
        await processes
          .start('cat', 'sh', ['-c', 'exec "$@" > /dev/null', '-', ...command], { env })
          .succeeds();
      }
    });
    return { read: ofOne(read, count), cat: ofOne(cat, count) };
  });
}

interface Reader {
  request(
    method: 'read',
    params: { readonly share: string; readonly offset: number; readonly length: number },
  ): Promise<{ readonly base64: string }>;
}

/** An answer ends where a segment ends: the rest is asked for once more. */
async function readAt(client: Reader, share: string, offset: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let missing = peekBytes;
  while (missing > 0) {
    const params = { share, offset: offset + peekBytes - missing, length: missing };
    const answer = await client.request('read', params);
    const bytes = Buffer.from(answer.base64, 'base64');
    if (bytes.byteLength === 0) throw new Error(`nothing was read at ${params.offset}`);
    parts.push(bytes);
    missing -= bytes.byteLength;
  }
  return Buffer.concat(parts);
}

async function checkPeek(file: SourceFile, offset: number, bytes: Buffer): Promise<void> {
  const handle = await open(file.path);
  try {
    const wanted = Buffer.alloc(bytes.byteLength);
    await handle.read(wanted, 0, wanted.byteLength, offset);
    if (!wanted.equals(bytes)) throw new Error(`other bytes were read at ${offset}`);
  } finally {
    await handle.close();
  }
}

function ofOne(
  { seconds, cpuSeconds, wireBytes, peakRssMiB }: Required<Sample>,
  of: number,
): Sample {
  return {
    seconds: seconds / of,
    cpuSeconds: cpuSeconds / of,
    wireBytes: wireBytes / of,
    peakRssMiB,
  };
}
