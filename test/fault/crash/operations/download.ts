import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { writeRandomFile } from '../../../support/files.js';
import type { Operation, Run } from '../operation.js';
import { assertSame, type World } from '../world.js';

const large = 12 << 20;
const small = 5000;

export const downloads: readonly Operation[] = [
  {
    name: 'download of a file: the getter',
    prepare: async (world) => await download(world, await world.newFile(large)),
  },
  {
    name: 'download of a folder: the getter',
    prepare: async (world) => await download(world, await newTree(world)),
  },
  {
    name: 'small download: the getter',
    prepare: async (world) => await download(world, await world.newFile(small)),
  },
];

async function download(world: World, source: string): Promise<Run> {
  const victim = world.peer('erin');
  const { shareId } = await world.share(world.peer('bob'), source, '2+2');
  const folder = await world.newFolder();
  const target = path.join(folder, 'target');
  const get = (): Promise<unknown> =>
    world.ask(victim, 'get', { transferId: randomUUID(), share: shareId, path: target });
  let isAnswered = false;
  return {
    victim,
    start: async () => {
      await get();
      isAnswered = true;
    },
    check: async (kept) => {
      for (const transferId of kept) {
        await world.transfer(victim, transferId, ({ state }) => state === 'done');
      }
      const isThere = (await readdir(folder)).includes('target');
      // Half of it never has that name.
      if (isThere) await assertSame(source, target);
      else assert.ok(!isAnswered && kept.length === 0, 'it was told to be there');
      if (!isThere) await get();
      await assertSame(source, target);
      const names = await readdir(folder);
      assert.deepEqual(names, ['target']);
      await world.agreed('');
      if (isAnswered) return 'answered';
      if (kept.length > 0) return 'went on';
      return isThere ? 'whole' : 'nothing';
    },
  };
}

/** A large file among small ones, folders, one of them empty, and a link. */
async function newTree(world: World): Promise<string> {
  const folder = path.join(world.group.filesDir, `folder-${String(world.next())}`);
  await mkdir(path.join(folder, 'inner', 'empty'), { recursive: true });
  for (const [name, bytes] of [
    ['a', 300],
    ['large', large],
    [path.join('inner', 'none'), 0],
    [path.join('inner', 'some'), 100_000],
  ] as const) {
    await writeRandomFile(path.join(folder, name), bytes);
  }
  await symlink(path.join('..', 'large'), path.join(folder, 'inner', 'link'));
  return folder;
}
