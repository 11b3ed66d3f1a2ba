import assert from 'node:assert/strict';
import path from 'node:path';
import type { TestPeer } from '../../../support/peers.js';
import { filesBelow } from '../../../e2e/scan.js';
import type { Operation, Run } from '../operation.js';
import type { Name, World } from '../world.js';

export const deletions: readonly Operation[] = [
  { name: 'deletion: the author', prepare: (world) => deletion(world, 'bob') },
  { name: 'deletion: a holder', prepare: (world) => deletion(world, 'carol') },
];

async function deletion(world: World, crashes: Name): Promise<Run> {
  const author = world.peer('bob');
  const victim = world.peer(crashes);
  const source = await world.newFile(5000);
  const { shareId } = await world.share(author, source, '2+2');
  let isAnswered = false;
  const remove = (): Promise<unknown> => world.ask(author, 'delete', { share: shareId });
  return {
    victim,
    start: async () => {
      await remove();
      isAnswered = true;
      await hides(victim, shareId);
    },
    check: async () => {
      const listed = await world.agreed(path.basename(source));
      if (listed.length > 0) {
        assert.deepEqual([isAnswered, listed], [false, [shareId]]);
        await world.assertFetched(world.peer('erin'), shareId, source);
        await remove();
      }
      world.forget(shareId);
      assert.deepEqual(await world.agreed(path.basename(source)), []);
      for (const peer of world.peers) await hides(peer, shareId);
      if (isAnswered) return 'answered';
      return listed.length > 0 ? 'nothing' : 'whole';
    },
  };
}

/** Waits until nothing on the disk of a peer lets it serve a share. */
async function hides(peer: TestPeer, shareId: string): Promise<void> {
  const files = (): readonly string[] => filesBelow(path.join(peer.dataDir, 'shards'));
  await peer.until(
    () => !files().some((file) => file.endsWith(`${shareId}.manifest`)),
    'serves it no more',
  );
}
