import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Operation, Run } from '../operation.js';
import { assertSame, type World } from '../world.js';

const large = 12 << 20;

export const pauses: readonly Operation[] = [
  { name: 'pause and resume: the getter', prepare: pauseAndResume },
];

/** Fetches a file whose holders do not answer, stops that, and goes on when they do. */
async function pauseAndResume(world: World): Promise<Run> {
  const victim = world.peer('erin');
  const holders = [world.peer('alice'), world.peer('carol'), world.peer('dave')];
  const source = await world.newFile(large);
  const { shareId } = await world.share(world.peer('bob'), source, '2+2');
  const folder = await world.newFolder();
  const target = path.join(folder, 'target');
  const transferId = randomUUID();
  const answered = { pause: false, get: false };
  let isResumed = false;
  const get = (id: string): Promise<unknown> =>
    world.ask(victim, 'get', { transferId: id, share: shareId, path: target });
  const stopAndGoOn = async (): Promise<void> => {
    const isAnswered = get(transferId).then(() => (answered.get = true));
    isAnswered.catch(() => undefined);
    try {
      await world.transfer(victim, transferId, ({ state }) => state === 'running');
      await world.ask(victim, 'pause', { transferId });
      answered.pause = true;
      await world.transfer(victim, transferId, ({ state }) => state === 'paused');
    } finally {
      for (const holder of holders) holder.signal('SIGCONT');
    }
    isResumed = true;
    await world.ask(victim, 'resume', { transferId });
    await isAnswered;
  };
  return {
    victim,
    start: async () => {
      for (const holder of holders) holder.signal('SIGSTOP');
      await stopAndGoOn();
    },
    check: async (kept) => {
      const isThere = (await readdir(folder)).includes('target');
      if (kept.includes(transferId)) await goOn(isThere);
      else if (!isThere) {
        assert.ok(!answered.pause, 'what was paused is forgotten');
        await get(randomUUID());
      }
      await assertSame(source, target);
      assert.deepEqual(await readdir(folder), ['target']);
      await world.agreed('');
      if (answered.get) return 'answered';
      if (kept.length > 0) return 'went on';
      return isThere ? 'whole' : 'nothing';
    },
  };

  async function goOn(isThere: boolean): Promise<void> {
    const { state } = await world.transfer(victim, transferId, (one) =>
      ['paused', 'done'].includes(one.state),
    );
    // It was told to stay so until it is told to go on.
    if (answered.pause && !isResumed && !isThere) assert.equal(state, 'paused');
    if (state === 'paused') await world.ask(victim, 'resume', { transferId });
    await world.transfer(victim, transferId, (one) => one.state === 'done');
  }
}
