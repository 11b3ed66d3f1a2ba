import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { VerifyResult } from '../../../../src/control/contract.js';
import type { Operation, Outcome, Run } from '../operation.js';
import type { Name, World } from '../world.js';

/** More segments than are begun anew: it goes on where it was. */
const large = 12 << 20;
/** A share of one segment. */
const small = 5000;

export const uploads: readonly Operation[] = [
  { name: 'upload: the author', prepare: (world) => upload(world, large, 'bob') },
  { name: 'upload: a holder', prepare: (world) => upload(world, large, 'carol') },
  { name: 'small upload: the author', prepare: (world) => upload(world, small, 'bob') },
  { name: 'small upload: a holder', prepare: (world) => upload(world, small, 'carol') },
];

async function upload(world: World, bytes: number, crashes: Name): Promise<Run> {
  const author = world.peer('bob');
  const victim = world.peer(crashes);
  const source = await world.newFile(bytes);
  const name = path.basename(source);
  const params = { transferId: randomUUID(), path: source, redundancy: '2+2' };
  let asked: Promise<string> | undefined;
  const share = async (): Promise<string> =>
    (await world.ask(author, 'share', params)).share.shareId;
  return {
    victim,
    start: async () => {
      asked = share();
      await victim.lists(await asked);
    },
    check: async (kept) => {
      const answer = await asked?.catch(() => null);
      // Three of four holders are enough.
      if (victim !== author) assert.ok(answer, 'one crash of a holder has ended the share');
      for (const transferId of kept) {
        await world.transfer(victim, transferId, ({ state }) => state === 'done');
      }
      return await lookAt(world, source, name, answer ?? null, kept.length > 0);
    },
  };
}

async function lookAt(
  world: World,
  source: string,
  name: string,
  answer: string | null,
  wentOn: boolean,
): Promise<Outcome> {
  const listed = await world.agreed(name);
  if (answer === null && !wentOn && listed.length === 0) return 'nothing';
  assert.equal(listed.length, 1, `listed ${String(listed.length)} times`);
  const [shareId = assert.fail()] = listed;
  if (answer !== null) assert.equal(shareId, answer);
  world.keep(shareId, source);
  await world.assertFetched(world.peer('alice'), shareId, source);
  await assertHeld(world, shareId);
  if (answer !== null) return 'answered';
  return wentOn ? 'went on' : 'whole';
}

/** What holders have signed for lies on their disks. */
async function assertHeld(world: World, share: string): Promise<void> {
  const verified = await world.ask(world.peer('dave'), 'verify', {
    ...{ transferId: randomUUID(), share },
  });
  // One that died before it had signed left its shard to nobody, until repair comes to it.
  const isHeld = verified.shards.every(({ status }) => status === 'ok');
  assert.ok(isHeld && verified.recoverable, shardsText(verified));
}

function shardsText({ shards }: VerifyResult): string {
  return shards.map(({ name, shard, status }) => `${name} ${String(shard)} ${status}`).join(', ');
}
