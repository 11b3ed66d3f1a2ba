import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { ShareInfo } from '../../../../src/control/contract.js';
import { filesBelow } from '../../../e2e/scan.js';
import { flipByte } from '../../../support/files.js';
import type { TestPeer } from '../../../support/peers.js';
import type { Operation, Run } from '../operation.js';
import type { World } from '../world.js';

export const repairs: readonly Operation[] = [
  { name: 'repair: who takes the shard', prepare: taking },
  { name: 'repair: who mends its own', prepare: mending },
];

/** A holder is gone for good, and the one member that holds nothing of the share takes its part. */
async function taking(world: World): Promise<Run> {
  const author = world.peer('bob');
  const source = await world.newFile(3_000_000);
  const share = await world.share(author, source, '2+1');
  const isHolder = ({ name }: TestPeer): boolean =>
    share.holders.some((holder) => holder.name === name);
  const victim =
    world.peers.find((peer) => peer !== author && !isHolder(peer)) ?? assert.fail('all hold it');
  const gone = world.peers.find((peer) => peer !== author && isHolder(peer)) ?? assert.fail();
  await gone.kill();
  return repair(world, { author, victim, source, share });
}

/** A piece has rotted on the disk of a holder, who puts it right. */
async function mending(world: World): Promise<Run> {
  const author = world.peer('bob');
  const victim = world.peer('carol');
  const source = await world.newFile(3_000_000);
  const share = await world.share(author, source, '2+2');
  const shard =
    filesBelow(path.join(victim.dataDir, 'shards')).find(
      (file) => file.includes(share.shareId) && file.endsWith('.shard'),
    ) ?? assert.fail('it holds nothing');
  flipByte(shard, 512 * 1000);
  return repair(world, { author, victim, source, share });
}

interface Broken {
  readonly author: TestPeer;
  readonly victim: TestPeer;
  readonly source: string;
  readonly share: ShareInfo;
}

/** Has its author look at all shards of a share, and have made what is missing. */
function repair(world: World, { author, victim, source, share }: Broken): Run {
  const { shareId, k, m } = share;
  const mend = (): Promise<{ readonly ok: boolean }> =>
    world.ask(author, 'repair', { transferId: randomUUID(), share: shareId, now: true });
  let repaired: Promise<{ readonly ok: boolean }> | undefined;
  return {
    victim,
    start: async () => {
      repaired = mend();
      assert.ok((await repaired).ok);
    },
    check: async () => {
      // Somebody else takes it instead.
      assert.ok((await repaired)?.ok);
      assert.ok((await mend()).ok);
      const verified = await world.ask(world.peer('erin'), 'verify', {
        ...{ transferId: randomUUID(), share: shareId },
      });
      const whole = verified.shards.filter(({ status }) => status === 'ok');
      assert.equal(new Set(whole.map(({ shard }) => shard)).size, k + m);
      await world.assertFetched(world.peer('alice'), shareId, source);
      await world.agreed('');
      return 'answered';
    },
  };
}
