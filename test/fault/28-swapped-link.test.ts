import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, renameSync, symlinkSync, watch } from 'node:fs';
import { join } from 'node:path';
import type { ShareInfo } from '../../src/control/contract.js';
import { PeerError } from '../../src/common/errors.js';
import { sha256File, writeRandomFile } from '../support/files.js';
import { TestGroup, type TestPeer } from '../support/peers.js';
import { get, shareNow } from './support/calls.js';

const files = 48;

describe('fault 28: a link that is swapped in under the target while it is written leads nothing out of it', () => {
  let group: TestGroup;
  let reader: TestPeer;
  let folder: ShareInfo;
  let file: ShareInfo;
  before(async () => {
    group = await TestGroup.start(3);
    reader = group.get(2);
    const tree = join(group.filesDir, 'tree');
    mkdirSync(join(tree, 'deep'), { recursive: true });
    for (let at = 0; at < files; at++) {
      await writeRandomFile(join(tree, at % 2 === 0 ? '' : 'deep', `file ${String(at)}`), 1 << 20);
    }
    await writeRandomFile(join(group.filesDir, 'single'), files << 20);
    folder = await shareNow(group.get(0), tree, '1+1');
    file = await shareNow(group.get(0), join(group.filesDir, 'single'), '1+1');
    await Promise.all([reader.lists(folder.shareId), reader.lists(file.shareId)]);
  });
  after(() => group.dispose());

  interface Places {
    /** Where the user wants it. */
    readonly chosen: string;
    /** What the link that is swapped in points to. */
    readonly outside: string;
  }
  const newPlaces = (name: string): Places => {
    const places = { chosen: join(group.root, name), outside: join(group.root, `${name} outside`) };
    for (const place of Object.values(places)) mkdirSync(place);
    return places;
  };
  /** Fetches, and as soon as something is written has `swap` happen, while nothing comes. @returns whether it went well */
  const getMeanwhile = async (
    shareId: string,
    chosen: string,
    swap: (part: string) => void,
  ): Promise<boolean> => {
    const holders = group.peers.slice(0, 2);
    let swapped = false;
    const watcher = watch(chosen, (_event, name) => {
      if (swapped || name?.endsWith('.part') !== true) return;
      swapped = true;
      for (const holder of holders) holder.signal('SIGSTOP');
      swap(join(chosen, name));
      for (const holder of holders) holder.signal('SIGCONT');
    });
    try {
      await get(reader, shareId, join(chosen, 'target'));
      return true;
    } catch (error) {
      assert.ok(PeerError.is(error));
      return false;
    } finally {
      watcher.close();
      assert.ok(swapped, 'it was seen in time');
    }
  };

  it('in place of the folder that is being written', async () => {
    const { chosen, outside } = newPlaces('one');
    const good = await getMeanwhile(folder.shareId, chosen, (part) => {
      renameSync(part, join(chosen, 'moved away'));
      symlinkSync(outside, part);
    });
    assert.equal(good, false);
    assert.deepEqual(readdirSync(outside), []);
    assert.ok(!readdirSync(chosen).includes('target'));
  });

  it('in place of the folder above', async () => {
    for (const { shareId } of [folder, file]) {
      const { chosen, outside } = newPlaces(shareId);
      const good = await getMeanwhile(shareId, chosen, () => {
        renameSync(chosen, `${chosen} moved away`);
        symlinkSync(outside, chosen);
      });
      assert.equal(good, false);
      assert.deepEqual(readdirSync(outside), []);
    }
  });

  it('in place of the target: it is not followed, and replaced only when that is allowed', async () => {
    const { chosen, outside } = newPlaces('three');
    const target = join(chosen, 'target');
    const precious = join(outside, 'precious');
    await writeRandomFile(precious, 100);
    const before = await sha256File(precious);
    const good = await getMeanwhile(file.shareId, chosen, () => {
      symlinkSync(precious, target);
    });
    assert.equal(good, false);
    assert.equal(await sha256File(precious), before);
    await get(reader, file.shareId, target, { overwrite: true });
    assert.equal(await sha256File(target), file.sha256);
    assert.equal(await sha256File(precious), before);
  });
});
