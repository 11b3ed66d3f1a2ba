import assert from 'node:assert/strict';
import {
  copyFileSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { toHex } from '../../src/common/bytes.js';
import { decodeCommitFile } from '../../src/store/commitFile.js';
import { runChild } from '../store/support/runChild.js';
import { rejectsWith } from '../store/support/rejectsWith.js';
import { storeFixture } from '../store/support/storeFixture.js';

describe('store after kill -9', () => {
  const fixture = storeFixture();

  /** Kills a process at that step and opens what it left. */
  const killedAt = async (step: string) => {
    const dataDir = fixture.dataDir();
    const child = await runChild({ dataDir, workerPath: fixture.workerPath, step });
    await child.kill();
    const { shareId = '', root = '' } = child.answer;
    return { dataDir, shareId, root, store: await fixture.open(dataDir) };
  };

  it('promises nothing for pieces that were only written', async () => {
    const { store, shareId } = await killedAt('written');
    const [held] = await store.shards.allHeld();
    assert.equal(held?.state, 'staging');
    await rejectsWith('not-found', () => store.shards.readPiece(shareId, 0, 1));
    const error = await rejectsWith('protocol', () => store.shards.seal(shareId, 0));
    assert.equal(error.details?.['missing'], 1);
  });

  it('keeps what was receipted, unlisted', async () => {
    const { store, shareId, root } = await killedAt('receipted');
    assert.equal((await store.shards.held(shareId))[0]?.state, 'receipted');
    assert.equal(toHex(await store.shards.seal(shareId, 0)), root);
    assert.equal(toHex((await store.shards.scan(shareId, 0)).root), root);
    await rejectsWith('not-found', () => store.shards.readPiece(shareId, 0, 0));
    assert.equal(await store.state.countShares(), 0);
  });

  it('serves what was committed', async () => {
    const { store, dataDir, shareId, root } = await killedAt('committed');
    assert.equal((await store.shards.held(shareId))[0]?.state, 'committed');
    const scan = await store.shards.scan(shareId, 0);
    assert.equal(toHex(scan.root), root);
    assert.deepEqual(scan.badChunks, []);
    assert.deepEqual(readdirSync(path.join(dataDir, 'staging')), []);
  });

  it('keeps settings whose promise was resolved', async () => {
    const { store } = await killedAt('state');
    assert.equal(await store.state.getSetting('kept'), 'yes');
    assert.equal(store.recovery, null);
  });

  it('ignores what was written but not renamed', async () => {
    const { store, dataDir, shareId } = await killedAt('receipted');
    await store.close();
    const left = path.join(dataDir, 'staging', `${shareId}.1.shard.tmp`);
    writeFileSync(left, 'half a prologue');
    writeFileSync(path.join(dataDir, 'staging', `${shareId}.2.shard`), 'no shard');
    const again = await fixture.open(dataDir);
    assert.equal((await again.shards.allHeld()).length, 1);
    assert.ok(!readdirSync(path.join(dataDir, 'staging')).includes(path.basename(left)));
  });

  it('ends a commit that was begun, whatever step it had reached', async () => {
    const { store, dataDir, shareId, root } = await killedAt('committed');
    await store.close();
    const final = (name: string) => path.join(dataDir, 'shards', shareId.slice(0, 2), name);
    const staged = (name: string) => path.join(dataDir, 'staging', name);
    const [shard, hashes] = [`${shareId}.0.shard`, `${shareId}.0.hashes`] as const;
    const { manifest } = decodeCommitFile(readFileSync(final(`${shareId}.manifest`)));

    // Shard moved, staged hashes not yet removed.
    copyFileSync(final(hashes), staged(hashes));
    const moved = await fixture.open(dataDir);
    assert.equal((await moved.shards.held(shareId))[0]?.state, 'committed');
    assert.deepEqual(readdirSync(path.join(dataDir, 'staging')), []);
    await moved.close();

    // Manifest and hashes written, shard not yet moved.
    copyFileSync(final(hashes), staged(hashes));
    renameSync(final(shard), staged(shard));
    const begun = await fixture.open(dataDir);
    assert.equal((await begun.shards.held(shareId))[0]?.state, 'receipted');
    await rejectsWith('not-found', () => begun.shards.readPiece(shareId, 0, 0));
    await begun.shards.commit(shareId, 0, manifest, []);
    assert.equal(toHex((await begun.shards.scan(shareId, 0)).root), root);
    await begun.shards.readPiece(shareId, 0, 0);
  });

  it('ends a removal that was begun, whatever step it had reached', async () => {
    const { store, dataDir, shareId } = await killedAt('committed');
    await store.close();
    const folder = path.join(dataDir, 'shards', shareId.slice(0, 2));
    const name = (ending: string) => path.join(folder, `${shareId}.${ending}`);
    const kept = new Map(
      readdirSync(folder).map((file) => [file, readFileSync(path.join(folder, file))]),
    );
    const begun = name('removed');
    // Hidden before or not; then decided, the shard gone, its hashes gone.
    const steps: (() => void)[] = [
      () => {
        renameSync(name('manifest'), begun);
      },
      () => {
        renameSync(name('manifest'), name('deleted'));
        renameSync(name('deleted'), begun);
      },
      () => {
        renameSync(name('manifest'), begun);
        rmSync(name('0.shard'));
      },
      () => {
        renameSync(name('manifest'), begun);
        rmSync(name('0.shard'));
        rmSync(name('0.hashes'));
      },
      () => {
        // One shard of several, of which this was the last that had not gone.
        rmSync(name('0.shard'));
        renameSync(name('manifest'), begun);
      },
    ];
    for (const step of steps) {
      for (const [file, bytes] of kept) writeFileSync(path.join(folder, file), bytes);
      step();
      const again = await fixture.open(dataDir);
      assert.deepEqual(await again.shards.allHeld(), []);
      assert.equal(await again.shards.storedBytes(), 0);
      assert.deepEqual(readdirSync(folder), []);
      await again.close();
    }
    // Nobody has decided on this one: it is damage, and stays.
    for (const [file, bytes] of kept) writeFileSync(path.join(folder, file), bytes);
    rmSync(name('manifest'));
    const damaged = await fixture.open(dataDir);
    assert.deepEqual(await damaged.shards.allHeld(), []);
    assert.deepEqual(readdirSync(folder).sort(), [`${shareId}.0.hashes`, `${shareId}.0.shard`]);
  });

  it('says so when the disk takes no more, and reads on', async () => {
    const dataDir = fixture.dataDir();
    const { workerPath } = fixture;
    const large = await runChild({ dataDir, workerPath, step: 'large', fileLimit: 600 });
    assert.equal(large.answer.error, 'disk-full');
    await large.kill();
    const fill = await runChild({ dataDir, workerPath, step: 'fill', fileLimit: 600 });
    assert.ok(['disk-full', 'disk'].includes(fill.answer.error ?? ''), fill.answer.error);
    await fill.kill();
    const store = await fixture.open(dataDir);
    assert.deepEqual(await store.shards.allHeld(), []);
    assert.equal((await store.state.getSetting('fill 0'))?.length, 4096);
    assert.equal(await store.state.getSetting('fill 999'), null);
    await store.state.setSetting('after', 'all');
    assert.equal(await store.state.getSetting('after'), 'all');
  });
});
