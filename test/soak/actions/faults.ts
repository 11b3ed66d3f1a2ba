import { closeSync, openSync, readSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs';
import { prologueSize } from '../../../src/store/shards/prologue.js';
import type { Operation } from '../operations.js';
import { patientMs, presentPeers, sourcesOf, type Stage } from '../stage.js';
import { outcomeOf } from '../violation.js';
import { getWhole } from './transfers.js';

type Of<K extends Operation['kind']> = Extract<Operation, { kind: K }>;

export async function kill({ cast, tally }: Stage, { peer }: Of<'kill'>): Promise<void> {
  cast.checkLog(peer);
  await cast.peer(peer).kill();
  tally.fault('kill');
}

export async function stop({ cast, tally }: Stage, { peer }: Of<'stop'>): Promise<void> {
  cast.checkLog(peer);
  await cast.stop(peer);
  tally.fault('stop');
}

export async function start({ cast }: Stage, { peer }: Of<'start'>): Promise<void> {
  await cast.start(peer);
}

export function cut({ cast, tally }: Stage, { peers }: Of<'cut'>): Promise<void> {
  cast.cut(peers, 'reset');
  tally.fault('partition');
  return Promise.resolve();
}

export function heal({ cast }: Stage): Promise<void> {
  cast.switchboard.restore();
  return Promise.resolve();
}

export async function freeze(stage: Stage, { peer, getter, file }: Of<'freeze'>): Promise<void> {
  const { cast, tally } = stage;
  cast.peer(peer).signal('SIGSTOP');
  tally.fault('freeze');
  try {
    const sources = sourcesOf(stage, getter).filter((one) => one !== peer);
    await getWhole(stage, getter, file, { sources, deadlineMs: patientMs });
  } finally {
    cast.peer(peer).signal('SIGCONT');
  }
}

export async function stall(stage: Stage, { peers, getter, file }: Of<'stall'>): Promise<void> {
  const { cast, tally } = stage;
  cast.cut(peers, 'silent');
  tally.fault('silent partition');
  try {
    const isInside = peers.includes(getter);
    const sources = sourcesOf(stage, getter).filter((one) => peers.includes(one) === isInside);
    await getWhole(stage, getter, file, { sources, deadlineMs: patientMs });
  } finally {
    cast.switchboard.restore();
  }
}

/** Never so much that the file could not be made whole again: what is lost then is lost by the peers. */
export async function damage(stage: Stage, { file, pick, how }: Of<'damage'>): Promise<void> {
  const { disks, ledger, tally } = stage;
  const fact = ledger.get(file);
  const sound = (await disks.find(fact.shareId, presentPeers(stage))).filter(
    ({ isSound }) => isSound,
  );
  const target = sound[pick % Math.max(1, sound.length)];
  const left = new Set(sound.filter((one) => one !== target).map(({ shard }) => shard));
  if (target === undefined || left.size < fact.k) {
    tally.note('too few shards to spoil one');
    return;
  }
  try {
    spoil(target.file, pick, how);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    tally.note('a shard was dropped before it could be spoilt');
    return;
  }
  fact.shaken.add(target.shard);
  tally.fault(`damage: ${how}`);
}

function spoil(file: string, pick: number, how: Of<'damage'>['how']): void {
  const inside = statSync(file).size - prologueSize;
  const position = prologueSize + Math.floor((inside * pick) / 64);
  if (how === 'remove') rmSync(file);
  else if (how === 'cut off') truncateSync(file, position);
  else flipByte(file, position);
}

export async function fill(stage: Stage, { peer }: Of<'fill'>): Promise<void> {
  await lend(stage, peer, 0);
  stage.tally.fault('full disk');
}

export async function empty(stage: Stage, { peer }: Of<'empty'>): Promise<void> {
  await lend(stage, peer, null);
}

export async function lend({ cast }: Stage, peer: number, bytes: number | null): Promise<void> {
  const request = (await cast.client(peer)).request('configure', { lend: bytes });
  const outcome = await outcomeOf('another limit', patientMs, request);
  if ('error' in outcome) throw outcome.error;
}

function flipByte(file: string, position: number): void {
  const handle = openSync(file, 'r+');
  try {
    const byte = Buffer.alloc(1);
    readSync(handle, byte, 0, 1, position);
    writeSync(handle, Buffer.from([(byte[0] ?? 0) ^ 0x40]), 0, 1, position);
  } finally {
    closeSync(handle);
  }
}
