import assert from 'node:assert/strict';
import type { PeerState } from '../../../../src/control/contract.js';
import type { TestPeer } from '../../../support/peers.js';
import type { Operation, Outcome, Run } from '../operation.js';
import type { Name, World } from '../world.js';

export const rosterChanges: readonly Operation[] = [
  { name: 'admission: the admin', prepare: admission },
  { name: 'removal: the admin', prepare: (world) => removal(world, 'alice') },
  { name: 'removal: a member', prepare: (world) => removal(world, 'carol') },
];

/** Somebody who is not in the group yet, and can be. */
async function newcomer(
  world: World,
): Promise<{ peer: TestPeer; join: () => Promise<string | null> }> {
  const peer = world.group.newcomer(`newcomer-${String(world.next())}`);
  const { code } = await world.ask(world.peer('alice'), 'invite', {});
  /** Its node id; null when it was not let in. */
  const join = async (): Promise<string | null> => {
    const args = ['join', '-', '--name', peer.name];
    const { code: exit, last } = await peer.cli(args, { stdin: `${code}\n` });
    return exit === 0 ? (last['self'] as { readonly nodeId: string }).nodeId : null;
  };
  return { peer, join };
}

async function admission(world: World): Promise<Run> {
  const victim = world.peer('alice');
  const { join } = await newcomer(world);
  let joined: string | null = null;
  return {
    victim,
    start: async () => {
      joined = await join();
      assert.ok(joined !== null, 'it was not let in');
    },
    check: async () => {
      const isAnswered = joined !== null;
      // The invite is good for the same one as long as it lasts.
      joined ??= await join();
      assert.ok(joined !== null, 'it was not let in the second time');
      const nodeId = joined;
      await untilAll(world, nodeId, (state) => state !== undefined && state !== 'removed');
      await world.ask(victim, 'remove', { nodeId });
      await assertRemoved(world, nodeId);
      return isAnswered ? 'answered' : 'nothing';
    },
  };
}

async function removal(world: World, crashes: Name): Promise<Run> {
  const admin = world.peer('alice');
  const victim = world.peer(crashes);
  const { join } = await newcomer(world);
  const nodeId = (await join()) ?? assert.fail('it was not let in');
  await untilAll(world, nodeId, (state) => state !== undefined);
  const remove = (): Promise<unknown> => world.ask(admin, 'remove', { nodeId });
  let isAnswered = false;
  return {
    victim,
    start: async () => {
      await remove();
      isAnswered = true;
      await untilAll(world, nodeId, (state) => state === 'removed');
    },
    check: async () => {
      const outcome = await settled(world, nodeId);
      if (isAnswered) assert.equal(outcome, 'whole');
      if (outcome === 'nothing') await remove();
      await assertRemoved(world, nodeId);
      return isAnswered ? 'answered' : outcome;
    },
  };
}

/** Waits until all are of one mind about a member. */
async function settled(world: World, nodeId: string): Promise<Outcome> {
  let removed: readonly boolean[] = [];
  await world.together(async () => {
    removed = (await statesOf(world, nodeId)).map((state) => state === 'removed');
    return new Set(removed).size === 1;
  }, 'everybody to agree on a member');
  return removed.includes(true) ? 'whole' : 'nothing';
}

/** It is gone for everybody, and those who stay have a key that they all know. */
async function assertRemoved(world: World, nodeId: string): Promise<void> {
  await untilAll(world, nodeId, (state) => state === 'removed');
  const source = await world.newFile(1000);
  const { shareId } = await world.share(world.peer('bob'), source, '2+2');
  await world.assertFetched(world.peer('carol'), shareId, source);
}

async function untilAll(
  world: World,
  nodeId: string,
  isSo: (state: PeerState | undefined) => boolean,
): Promise<void> {
  await world.together(
    async () => (await statesOf(world, nodeId)).every(isSo),
    'everybody to hear of a member',
  );
}

async function statesOf(world: World, nodeId: string): Promise<(PeerState | undefined)[]> {
  return await Promise.all(
    world.peers.map(async (peer) => {
      const { peers } = await (await peer.client()).request('peers', null);
      return peers.find((one) => one.nodeId === nodeId)?.state;
    }),
  );
}
