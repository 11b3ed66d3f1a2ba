import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'mocha';
import { decodeManifest } from '../../src/chunk/manifest.js';
import { toHex } from '../../src/common/bytes.js';
import { PeerError } from '../../src/common/errors.js';
import { silentLogger } from '../../src/common/logger.js';
import { Catalog } from '../../src/peer/catalog/catalog.js';
import { getFile } from '../../src/peer/get/getFile.js';
import type { Membership } from '../../src/peer/membership/membership.js';
import {
  shareFile,
  type Shared,
  type ShareDependencies,
  type ShareOptions,
} from '../../src/peer/share/shareFile.js';
import type { Kept } from '../../src/peer/transfers/keptTask.js';
import type { ShareDraft } from '../../src/peer/transfers/task.js';
import type { Store } from '../../src/store/store.js';
import { Actor } from '../peer/support/actor.js';
import { gone, hang, MemoryHolder } from '../peer/support/memoryHolder.js';
import { PeerFixture } from '../peer/support/peerFixture.js';
import { rejects } from '../peer/support/rejects.js';
import { admit } from '../peer/support/group.js';

describe('shareFile', () => {
  const author = new Actor('author');
  const actors = Array.from({ length: 4 }, (_, index) => new Actor(`holder ${String(index)}`));
  let fixture: PeerFixture;
  let store: Store;
  let membership: Membership;
  let catalog: Catalog;
  let holders: MemoryHolder[];
  let source: string;
  let listed: number;
  before(async () => {
    fixture = new PeerFixture();
    store = await fixture.store();
    membership = await fixture.membership(author, store);
    await membership.createGroup('team', 'author');
    for (const actor of actors) await admit(membership, actor);
    catalog = new Catalog(store.state, membership, silentLogger);
    catalog.onDidChange(() => {
      listed += 1;
    });
  });
  beforeEach(() => {
    listed = 0;
    holders = actors.map((actor) => new MemoryHolder(actor, membership.groupId));
    source = path.join(fixture.folder(), 'data.bin');
    writeFileSync(source, randomBytes(3_000_000));
  });
  after(() => fixture.remove());

  function share(
    redundancy = 'auto',
    signal = new AbortController().signal,
    remote = holders,
    more: Partial<ShareOptions> = {},
    deps: Partial<ShareDependencies> = {},
  ): Promise<Shared> {
    const local = new MemoryHolder(author, membership.groupId);
    return shareFile(
      {
        identity: author,
        membership,
        catalog,
        threads: fixture.threads,
        remoteHolders: () => remote,
        stays: () => true,
        holder: (nodeId) => remote.find((holder) => holder.nodeId === nodeId) ?? local,
        localHolder: local,
        ...deps,
      },
      { path: source, redundancy, ignore: true, signal, onProgress: () => undefined, ...more },
    );
  }

  it('makes what others can open, and lists it', async () => {
    const shared = await share();
    assert.deepEqual(shared.missing, []);
    const opened = await catalog.open(shared.shareId);
    assert.equal(opened.info.name, 'data.bin');
    const locations = await catalog.locations(shared.shareId);
    assert.equal(locations.length, 4);
    const target = path.join(path.dirname(source), 'copy.bin');
    await getFile({
      share: opened,
      locations,
      holder: (nodeId) =>
        nodeId === locations[0]?.holderId
          ? undefined
          : holders.find((holder) => holder.nodeId === nodeId),
      threads: fixture.threads,
      logger: silentLogger,
      path: target,
      overwrite: false,
      folder: null,
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });
    assert.deepEqual(readFileSync(target), readFileSync(source));
  });

  it('gives every share of one file its own id and key, and one lineage', async () => {
    const [first, second] = [await share(), await share()];
    const [one, two] = [await catalog.open(first.shareId), await catalog.open(second.shareId)];
    assert.notEqual(first.shareId, second.shareId);
    assert.notDeepEqual(one.info.contentKey, two.info.contentKey);
    assert.equal(one.row.lineage, two.row.lineage);
  });

  it('chains the versions of a path, each later than the one before, whatever the clock says', async () => {
    const { now } = Date;
    const chain: string[] = [];
    try {
      for (const year of [2040, 2020, 2030]) {
        Date.now = () => Date.UTC(year, 0);
        const { shareId } = await share();
        const { manifest, row } = await catalog.open(shareId);
        const before = chain.at(-1);
        const predecessor = manifest.predecessor === null ? undefined : toHex(manifest.predecessor);
        assert.equal(predecessor, before);
        chain.push(shareId);
        const versions = await store.state.versions(author.nodeId, row.lineage, 9);
        assert.deepEqual(
          versions.map((version) => version.shareId),
          [...chain].reverse(),
        );
        const times = versions.map(({ createdAt }) => createdAt);
        assert.deepEqual(
          times,
          [...new Set(times)].sort((a, b) => b - a),
        );
      }
    } finally {
      Date.now = now;
    }
  });

  it('goes to others, and to itself at last, where a holder has no room', async () => {
    const full = (index: number): void => {
      (holders[index] ?? assert.fail()).before = (step) => {
        if (step === 'stage') throw new PeerError('quota', 'No more room.');
      };
    };
    full(0);
    const { shareId, missing, warnings } = await share('2+1');
    assert.deepEqual(missing, []);
    const at = (await catalog.locations(shareId)).map(({ holderId }) => holderId);
    assert.deepEqual(
      [...at].sort(),
      holders
        .slice(1)
        .map(({ nodeId }) => nodeId)
        .sort(),
    );
    assert.deepEqual(warnings, []);
    full(1);
    const second = await share('2+1');
    const others = (await catalog.locations(second.shareId)).map(({ holderId }) => holderId);
    assert.ok(others.includes(author.nodeId));
    assert.equal(second.warnings.length, 1);
    full(2);
    const third = await share('2+1', undefined, holders.slice(0, 4)).catch(
      (error: unknown) => error,
    );
    assert.ok(PeerError.is(third, 'too-few-peers'));
    // Alone with its own file it would be no safer than before.
    for (const index of [0, 1, 2, 3]) full(index);
    await rejects('too-few-peers', () => share('copies:1'));
  });

  it('names who did not confirm', async () => {
    const silent = holders[1] ?? assert.fail();
    silent.before = (step) => {
      if (step === 'seal') gone();
    };
    const shared = await share();
    assert.deepEqual(shared.missing, [silent.nodeId]);
    assert.equal((await catalog.locations(shared.shareId)).length, 3);
  });

  it('lists nothing and tells all to drop it when too few take part', async () => {
    for (const holder of holders.slice(0, 2)) {
      holder.before = (step, _signal, segment) => {
        if (step === 'put' && segment === 1) gone();
      };
    }
    await rejects('too-few-peers', () => share());
    assert.equal(listed, 0);
    assert.deepEqual(
      holders.map((holder) => holder.count('abort')),
      [1, 1, 1, 1],
    );
  });

  it('lists nothing and tells all to drop it when it is cancelled', async () => {
    const controller = new AbortController();
    for (const holder of holders) {
      holder.before = (step, signal) => {
        if (step !== 'put') return;
        controller.abort();
        return hang(signal);
      };
    }
    await rejects('cancelled', () => share('auto', controller.signal));
    assert.equal(listed, 0);
    assert.deepEqual(
      holders.map((holder) => holder.count('abort')),
      [1, 1, 1, 1],
    );
  });

  it('can be cancelled while a walk does not end: rules of .gitignore may take for ever', async () => {
    source = fixture.folder();
    const deep = path.join(source, ...Array.from({ length: 60 }, () => 'a'));
    mkdirSync(deep, { recursive: true });
    writeFileSync(path.join(deep, 'file'), 'x');
    writeFileSync(path.join(source, '.gitignore'), `${'**/a/'.repeat(12)}b\n`);
    const controller = new AbortController();
    const sharing = share('auto', controller.signal);
    controller.abort();
    await rejects('cancelled', () => sharing);
    assert.equal(listed, 0);
  });

  it('drops nothing once a COMMIT was sent: one that arrived lists the share', async () => {
    for (const holder of holders.slice(1)) {
      holder.before = (step) => {
        if (step === 'commit') gone();
      };
    }
    await rejects('too-few-peers', () => share());
    assert.equal(listed, 0);
    assert.deepEqual(
      holders.map((holder) => holder.count('abort')),
      [0, 0, 0, 0],
    );
    assert.ok(holders.every(({ pieces }) => pieces.size > 0));
    const manifest = decodeManifest(holders[0]?.committed?.manifest ?? assert.fail());
    assert.equal(manifest.roots.length, 4);
  });

  describe('again, after an interruption', () => {
    /** As the transfers keep it, over runs. */
    class Draft implements Kept<ShareDraft> {
      draft: ShareDraft | null = null;
      readonly journal = path.join(fixture.folder(), 'a.seals');
      readonly hasRun = false;
      onSave: () => void = () => undefined;
      readonly note = (draft: ShareDraft) => this.save(draft);

      save(draft: ShareDraft | null): Promise<void> {
        this.draft = draft;
        this.onSave();
        return Promise.resolve();
      }
    }
    let kept: Draft;
    let interrupt: AbortController;
    beforeEach(() => {
      kept = new Draft();
      interrupt = new AbortController();
      writeFileSync(source, randomBytes(12_000_000)); // more segments than are soon sent again
    });
    const go = (remote = holders): Promise<Shared> => {
      interrupt = new AbortController();
      return share('2+2', interrupt.signal, remote, { kept, goesOn: () => true });
    };
    const puts = (): number => holders.reduce((sum, holder) => sum + holder.count('put'), 0);
    /** Runs until so many pieces have arrived at the first holder. */
    async function interruptedAfter(count: number): Promise<void> {
      const first = holders[0] ?? assert.fail();
      first.before = (step) => {
        if (step === 'put' && first.count('put') > count) interrupt.abort();
      };
      await rejects('cancelled', () => go());
      first.before = () => undefined;
      assert.equal(listed, 0);
      assert.ok(holders.every((holder) => holder.count('abort') === 0));
    }
    async function isWhole(shared: Shared): Promise<void> {
      const opened = await catalog.open(shared.shareId);
      const target = path.join(fixture.folder(), 'copy.bin');
      await getFile({
        share: opened,
        locations: await catalog.locations(shared.shareId),
        holder: (nodeId) => holders.find((holder) => holder.nodeId === nodeId),
        ...{ threads: fixture.threads, logger: silentLogger, path: target, overwrite: false },
        ...{ folder: null, signal: new AbortController().signal, onProgress: () => undefined },
      });
      assert.deepEqual(readFileSync(target), readFileSync(source));
    }

    it('sends what is missing, under the same id and to the same holders', async () => {
      await interruptedAfter(6);
      const { shareId } = kept.draft ?? assert.fail();
      const before = puts();
      const shared = await go();
      assert.equal(shared.shareId, shareId);
      assert.deepEqual(shared.missing, []);
      const segments = kept.draft?.geometry.segments ?? 0;
      const stored = 4 * segments;
      assert.ok(before > 4 && puts() < stored + before, `${String(before)} and ${String(puts())}`);
      await isWhole(shared);
    });

    it('shares a small file once, when it was interrupted behind COMMIT', async () => {
      writeFileSync(source, randomBytes(5000));
      const { shareId } = await go();
      const before = puts();
      assert.equal((await go()).shareId, shareId);
      assert.equal(puts(), before);
    });

    it('sends all of it to another holder when one is gone', async () => {
      await interruptedAfter(6);
      const left = holders.slice(0, 3);
      const shared = await go(left);
      assert.equal(shared.missing.length, 0); // this peer took its part
      await isWhole(shared);
    });

    it('begins anew under another id when the file is another one', async () => {
      for (const change of [() => randomBytes(12_000_000), () => randomBytes(11_000_000)]) {
        await kept.save(null);
        await interruptedAfter(6);
        const { shareId } = kept.draft ?? assert.fail();
        holders.forEach((holder) => holder.pieces.clear());
        writeFileSync(source, change());
        const shared = await go();
        assert.notEqual(shared.shareId, shareId);
        await isWhole(shared);
        listed = 0;
        holders = actors.map((actor) => new MemoryHolder(actor, membership.groupId));
      }
    });

    it('says the same COMMIT again, and has one manifest whatever happens', async () => {
      for (const holder of holders.slice(1)) {
        holder.before = (step) => {
          if (step === 'commit') gone();
        };
      }
      await rejects('too-few-peers', () => go());
      holders.forEach((holder) => {
        holder.before = () => undefined;
      });
      const before = puts();
      const shared = await go();
      assert.equal(puts(), before);
      const manifests = new Set(
        holders.map(({ committed }) => toHex(committed?.manifest ?? new Uint8Array())),
      );
      assert.equal(manifests.size, 1);
      await isWhole(shared);
      // It was done, and the peer ended before it could forget it.
      assert.equal((await go()).shareId, shared.shareId);
      assert.equal(puts(), before);
    });
  });

  it('sees a source that changes while it is read', async () => {
    (holders[0] ?? assert.fail()).before = (step) => {
      if (step === 'stage') appendFileSync(source, 'more');
    };
    await rejects('source-changed', () => share());
    assert.equal(listed, 0);
    assert.ok(holders.every((holder) => holder.count('abort') === 1));
  });

  it('refuses what cannot be shared', async () => {
    await rejects('too-few-peers', () => share('auto', undefined, []));
    await rejects('too-few-peers', () => share('5+5'));
    await rejects('usage', () => share('lots'));
    source = path.join(fixture.folder(), 'nothing');
    await rejects('not-found', () => share());
    mkdirSync(source);
    await rejects('usage', () => share()); // it is empty
    source = path.join(fixture.folder(), 'con.txt');
    await rejects('usage', () => share());
    assert.ok(holders.every(({ steps }) => steps.length === 0));
  });

  it('puts shards where they are promised to stay, and warns where they are not', async () => {
    const loose = new Set(actors.slice(0, 2).map(({ nodeId }) => nodeId));
    const stays = (nodeId: string): boolean => !loose.has(nodeId);
    const two = await share('1+1', undefined, holders, {}, { stays });
    const at = (await catalog.locations(two.shareId)).map(({ holderId }) => holderId);
    assert.deepEqual(new Set(at), new Set(actors.slice(2).map(({ nodeId }) => nodeId)));
    assert.deepEqual(two.warnings, []);
    assert.equal((await share('2+2', undefined, holders, {}, { stays })).warnings.length, 1);
  });

  it('warns when there are few peers, and takes part itself where one is missing', async () => {
    const one = await share('auto', undefined, holders.slice(0, 1));
    assert.equal(one.warnings.length, 2);
    const two = await share('1+1', undefined, holders.slice(0, 1));
    assert.equal((await catalog.locations(two.shareId)).length, 2);
    assert.equal((await share()).warnings.length, 0);
  });
});
