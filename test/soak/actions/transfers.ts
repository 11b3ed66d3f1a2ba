import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ControlClient } from '../../../src/control/contract.js';
import { waitFor } from '../../support/waitFor.js';
import { contentOf, sha256 } from '../content.js';
import type { Operation } from '../operations.js';
import { patientMs, presentPeers, sourcesOf, transferMs, type Stage } from '../stage.js';
import { describe, outcomeOf, Violation, type Outcome } from '../violation.js';
import { interrupted } from './interrupt.js';

type Of<K extends Operation['kind']> = Extract<Operation, { kind: K }>;

/** Who counts as there when a file is fetched, and how long it may take. */
interface GetOptions {
  readonly sources: readonly number[];
  readonly deadlineMs?: number;
}

export async function share(stage: Stage, operation: Of<'share'>): Promise<void> {
  const { seed, world, cast, disks, ledger, tally } = stage;
  const { peer, file, name, size } = operation;
  const source = path.join(cast.group.filesDir, String(peer), name);
  const content = contentOf(seed, file, size);
  mkdirSync(path.dirname(source), { recursive: true });
  writeFileSync(source, content);
  const expected = world.expects(operation);
  const client = await cast.client(peer);
  const transferId = randomUUID();
  const outcome = await interrupted(stage, {
    ...{ operation, transferId, bytes: 2 * size },
    request: () => client.request('share', { transferId, path: source }),
  });
  if ('error' in outcome) {
    if (expected === 'done') throw new Violation(`not shared: ${describe(outcome.error)}`);
    tally.check('refused or interrupted with a known error');
    return;
  }
  if (expected === 'refused') throw new Violation('shared, though nobody could take it');
  const { share: told } = outcome.value;
  if (told.sha256 !== sha256(content)) throw new Violation('what was shared has another SHA-256');
  const fact = ledger.learn(file, told);
  fact.kept = await disks.sound(told.shareId, presentPeers(stage));
  if (fact.kept.size < Math.min(fact.n, fact.k + 1)) {
    throw new Violation(`reported durable with ${fact.kept.size} of ${fact.n} shards on disks`);
  }
  tally.check('shared and on the disks');
}

export async function get(stage: Stage, operation: Of<'get'>): Promise<void> {
  const { world, ledger, cast, tally } = stage;
  const { peer, file } = operation;
  if (operation.interrupt === undefined && world.expects(operation) !== 'refused') {
    await getWhole(stage, peer, file, { sources: sourcesOf(stage, peer) });
    return;
  }
  const client = await cast.client(peer);
  const outcome = await getOnce(stage, file, (target, transferId) =>
    interrupted(stage, {
      ...{ operation, transferId, bytes: world.file(file).size },
      request: () =>
        client.request('get', { transferId, share: ledger.get(file).shareId, path: target }),
    }),
  );
  if (world.expects(operation) === 'refused') assertGone(outcome);
  tally.check('refused or interrupted with a known error');
}

export async function crowd(stage: Stage, { peers, file }: Of<'crowd'>): Promise<void> {
  await Promise.all(
    peers.map((peer) => getWhole(stage, peer, file, { sources: sourcesOf(stage, peer) })),
  );
}

/**
 * Gets a file, byte for byte, as long as enough sound shards lie on the disks of these peers; where not, any known
 * error will do. News of where shards are may be late: it is tried again until the deadline.
 */
export async function getWhole(
  stage: Stage,
  peer: number,
  file: number,
  { sources, deadlineMs = transferMs }: GetOptions,
): Promise<void> {
  const { cast, ledger } = stage;
  const { shareId } = ledger.get(file);
  const client = await cast.client(peer);
  await untilDone(stage, client, file, { sources, deadlineMs }, () =>
    getOnce(stage, file, (target, transferId) =>
      outcomeOf(
        `get of file ${file} at ${cast.peer(peer).name}`,
        patientMs,
        client.request('get', { transferId, share: shareId, path: target }),
      ),
    ),
  );
}

export async function read(stage: Stage, operation: Of<'read'>): Promise<void> {
  const { seed, world, cast, ledger } = stage;
  const { peer, file, offset, length } = operation;
  const client = await cast.client(peer);
  const { shareId } = ledger.get(file);
  const { size } = world.file(file);
  const wanted = contentOf(seed, file, size).subarray(offset, offset + length);
  if (world.expects(operation) === 'refused') {
    assertGone(await readRange(client, shareId, offset, wanted.length));
    return;
  }
  await untilDone(stage, client, file, { sources: sourcesOf(stage, peer) }, async () => {
    const outcome = await readRange(client, shareId, offset, wanted.length);
    if ('value' in outcome && !wanted.equals(outcome.value)) {
      throw new Violation(`other bytes were read of file ${file}`);
    }
    return outcome;
  });
}

/** Tries until it is done, or too few shards are there for it. */
async function untilDone(
  stage: Stage,
  client: ControlClient,
  file: number,
  { sources, deadlineMs = transferMs }: GetOptions,
  attempt: () => Promise<Outcome<unknown>>,
): Promise<void> {
  const { disks, ledger, tally } = stage;
  const { shareId, k } = ledger.get(file);
  let last = '';
  const done = async (): Promise<boolean> => {
    const there = await disks.sound(shareId, sources);
    const outcome = await attempt();
    if ('value' in outcome) {
      tally.check('right bytes');
      if (last !== '') tally.note('right at a later attempt');
      return true;
    }
    if (there.size < k) {
      tally.check('too few shards: a known error');
      return true;
    }
    last = `${there.size} sound shards of ${k} needed, and ${describe(outcome.error)}`;
    return false;
  };
  await waitFor(client, done, `file ${file}`, deadlineMs).catch((error: unknown) => {
    throw error instanceof Violation ? error : new Violation(`${describe(error)}: ${last}`);
  });
}

/** One attempt: what lies under the final name afterwards is right, or nothing lies there. */
async function getOnce(
  { seed, world, cast }: Stage,
  file: number,
  request: (target: string, transferId: string) => Promise<Outcome<{ readonly bytes: number }>>,
): Promise<Outcome<{ readonly bytes: number }>> {
  const target = path.join(cast.group.root, `got ${randomUUID()}`);
  const outcome = await request(target, randomUUID());
  const isThere = existsSync(target);
  if ('value' in outcome && !isThere) throw new Violation(`file ${file} was not written`);
  if (isThere) {
    const content = contentOf(seed, file, world.file(file).size);
    if (!readFileSync(target).equals(content)) throw new Violation(`file ${file} has wrong bytes`);
    rmSync(target);
  }
  return outcome;
}

async function readRange(
  client: ControlClient,
  share: string,
  offset: number,
  length: number,
): Promise<Outcome<Buffer>> {
  const parts: Buffer[] = [];
  let done = 0;
  do {
    const range = { share, offset: offset + done, length: length - done };
    const outcome = await outcomeOf('read', transferMs, client.request('read', range));
    if ('error' in outcome) return outcome;
    const part = Buffer.from(outcome.value.base64, 'base64');
    if (part.length === 0 && done < length) throw new Violation('a read ended too early');
    parts.push(part);
    done += part.length;
  } while (done < length);
  return { value: Buffer.concat(parts) };
}

function assertGone(outcome: Outcome<unknown>): void {
  if ('error' in outcome && outcome.error.code === 'not-found') return;
  const what = 'error' in outcome ? describe(outcome.error) : 'the bytes came';
  throw new Violation(`a deleted file was asked for: ${what}`);
}
