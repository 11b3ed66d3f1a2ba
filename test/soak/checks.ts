import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { PeerInfo } from '../../src/control/contract.js';
import { peakMemory } from '../bench/peakMemory.js';
import { waitFor } from '../support/waitFor.js';
import { getWhole } from './actions/transfers.js';
import type { Fact } from './ledger.js';
import { each, patientMs, presentPeers, sourcesOf, transferMs, type Stage } from './stage.js';
import { describe, outcomeOf, Violation } from './violation.js';

/** How long news may take to everybody who can be reached. */
const newsMs = 30_000;
/** What a peer may have had resident at most, MiB, with the crypto guard in it. */
const memoryBound = 400;
/** A shard moves from one disk to another: looked at in between, it may be seen on neither. */
const looks = 3;
const atOnce = 4;
/** Until what is not whole yet is repaired again. */
const againMs = 1000;

/** Waits until every peer lists what it must, and nothing that it must not. */
export async function untilListed(stage: Stage): Promise<void> {
  const { world, cast, ledger, tally } = stage;
  await Promise.all(
    world.up().map(async ({ index }) => {
      const client = await cast.client(index);
      const must = world.listedAt(index).map(({ number }) => ledger.get(number).shareId);
      const mustNot = world.endedAt(index).flatMap(({ number }) => {
        return ledger.find(number)?.shareId ?? [];
      });
      let problem = '';
      const isListed = async (): Promise<boolean> => {
        const ids = await listedAt(stage, index);
        const lacking = must.find((id) => !ids.has(id));
        const extra = mustNot.find((id) => ids.has(id));
        if (lacking !== undefined) problem = `lacks file ${ledger.fileOf(lacking) ?? ''}`;
        if (extra !== undefined) problem = `lists file ${ledger.fileOf(extra) ?? ''}, deleted`;
        return lacking === undefined && extra === undefined;
      };
      const { name } = cast.peer(index);
      await waitFor(client, isListed, `the list of ${name}`, newsMs).catch((error: unknown) => {
        throw new Violation(`${describe(error)}: it ${problem}`);
      });
      tally.check('a list as it must be');
    }),
  );
}

/** All that must be true once everything is healed, everybody runs, and all have met. */
export async function checkEverything(stage: Stage, round: number): Promise<void> {
  const { world, cast, tally } = stage;
  await untilAgreed(stage);
  await learnTheRest(stage);
  await checkKept(stage);
  await makeWhole(stage);
  const peers = presentPeers(stage);
  await each(wholeFiles(stage), atOnce, async ([file]) => {
    const peer = peers[(file + round) % peers.length] ?? 0;
    await getWhole(stage, peer, file, { sources: sourcesOf(stage, peer) });
  });
  await checkKept(stage);
  for (const [, fact] of wholeFiles(stage)) fact.shaken.clear();
  for (const { index } of world.up()) {
    const { name, pid } = cast.peer(index);
    const peak = peakMemory(pid) ?? 0;
    if (peak > memoryBound) throw new Violation(`${name} has had ${peak.toFixed()} MiB`);
    tally.check('memory below its bound');
  }
}

/** Files that must be there, with what is known of them. */
export function wholeFiles({ world, ledger }: Stage): [number, Fact][] {
  return [...ledger.files].filter(([file]) => ['shared', 'maybe'].includes(world.file(file).state));
}

/** Of every file, what was on the disks of the group is there still. */
export async function checkKept(stage: Stage): Promise<void> {
  const { disks, tally } = stage;
  for (const [file, fact] of wholeFiles(stage)) {
    let missing: number[] = [];
    for (let look = 0; look < looks; look++) {
      const now = await disks.sound(fact.shareId, presentPeers(stage));
      missing = [...fact.kept].filter((shard) => !now.has(shard) && !fact.shaken.has(shard));
      if (missing.length === 0) {
        fact.kept = now;
        break;
      }
    }
    if (missing.length > 0) {
      throw new Violation(`shards ${missing.join()} of file ${file} are on no disk any more`);
    }
    tally.check('nothing lost of a file');
  }
}

/** Has every file repaired, and waits until all its holders prove that nothing is missing. */
export async function makeWhole(stage: Stage): Promise<void> {
  const { disks, tally, cast } = stage;
  const client = await cast.client(0);
  await each(wholeFiles(stage), atOnce, async ([file, fact]) => {
    const { shareId, k, n } = fact;
    const there = await disks.sound(shareId, presentPeers(stage));
    if (there.size < k) {
      // Nothing but a peer that was the only holder takes a file with it.
      if (n > k) throw new Violation(`file ${file} is lost: ${there.size} of ${k} shards`);
      tally.note('a file without spare shards went with its holder');
      return;
    }
    let last = '';
    const isVerified = async (): Promise<boolean> => {
      const about = { transferId: randomUUID(), share: shareId };
      const outcome = await outcomeOf('verify', patientMs, client.request('verify', about));
      if ('error' in outcome) {
        last = describe(outcome.error);
        return false;
      }
      const { shards, ok } = outcome.value;
      const sound = await disks.sound(shareId, presentPeers(stage));
      const told = shards.map(({ name, shard, status }) => `${name} ${shard} ${status}`);
      last = `${told.join(', ')}; sound on the disks: ${[...sound].join()}`;
      return ok && new Set(shards.map(({ shard }) => shard)).size === n && sound.size === n;
    };
    const isWhole = async (): Promise<boolean> => {
      if (await isVerified()) return true;
      const about = { transferId: randomUUID(), share: shareId };
      const outcome = await outcomeOf('repair', patientMs, client.request('repair', about));
      if (await isVerified()) return true;
      last += `; repair: ${'error' in outcome ? describe(outcome.error) : JSON.stringify(outcome.value)}`;
      return false;
    };
    const until = performance.now() + 2 * transferMs;
    // Asked again and again: when another peer heals its disk, nobody tells the client of this one.
    while (!(await isWhole())) {
      if (performance.now() > until)
        throw new Violation(`file ${file} does not become whole: ${last}`);
      await delay(againMs);
    }
    tally.check('a file is whole');
  });
}

/** Waits until everybody lists the same shares and the same members. */
async function untilAgreed(stage: Stage): Promise<void> {
  const { world, cast, tally } = stage;
  const up = world.up();
  const clients = await Promise.all(up.map(({ index }) => cast.client(index)));
  let last: string[] = [];
  const agree = async (): Promise<boolean> => {
    last = await Promise.all(
      up.map(async ({ index }) => {
        const { peers } = await (await cast.client(index)).request('peers', null);
        const ids = [...(await listedAt(stage, index))].sort();
        return JSON.stringify([ids, peers.map(membership).sort()]);
      }),
    );
    return new Set(last).size === 1;
  };
  await waitFor(clients, agree, 'everybody to agree', newsMs).catch((error: unknown) => {
    throw new Violation(`${describe(error)}:\n${last.join('\n')}`);
  });
  tally.check('all agree');
}

/** What is listed and was not reported: files of authors that were interrupted, and nothing else. */
async function learnTheRest(stage: Stage): Promise<void> {
  const { world, cast, ledger, tally } = stage;
  const client = await cast.client(0);
  for (const shareId of await listedAt(stage, 0)) {
    if (ledger.fileOf(shareId) !== undefined) continue;
    const share = await client.request('find', { share: shareId });
    const file = world.files.find(
      ({ name, state, number }) =>
        name === share.name && state === 'maybe' && ledger.find(number) === undefined,
    );
    if (file === undefined) throw new Violation(`“${share.name}” is listed, and nobody shared it`);
    ledger.learn(file.number, share);
    tally.note('an interrupted share is there after all');
  }
}

async function listedAt({ cast }: Stage, index: number): Promise<Set<string>> {
  const client = await cast.client(index);
  const page = { versions: true, cursor: null, limit: 5000 };
  const outcome = await outcomeOf('list', transferMs, client.request('list', page));
  if ('error' in outcome) throw new Violation(`no list: ${describe(outcome.error)}`);
  return new Set(outcome.value.shares.map(({ shareId }) => shareId));
}

/** What all must say of a member, whoever it is to them. */
function membership({ nodeId, name, role, lost, state }: PeerInfo): string {
  return [nodeId, name, role, lost, state === 'removed'].join(' ');
}
