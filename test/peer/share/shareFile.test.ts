import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'mocha';
import { decodeManifest } from '../../../src/chunk/manifest.js';
import { silentLogger } from '../../../src/common/logger.js';
import { Catalog } from '../../../src/peer/catalog/catalog.js';
import { getFile } from '../../../src/peer/get/getFile.js';
import type { Membership } from '../../../src/peer/membership/membership.js';
import { shareFile, type Shared } from '../../../src/peer/share/shareFile.js';
import { Actor } from '../support/actor.js';
import { gone, hang, MemoryHolder } from '../support/memoryHolder.js';
import { PeerFixture } from '../support/peerFixture.js';
import { rejects } from '../support/rejects.js';
import { admit } from '../support/group.js';

describe('shareFile', () => {
  const author = new Actor('author');
  const actors = Array.from({ length: 4 }, (_, index) => new Actor(`holder ${String(index)}`));
  let fixture: PeerFixture;
  let membership: Membership;
  let catalog: Catalog;
  let holders: MemoryHolder[];
  let source: string;
  let listed: number;
  before(async () => {
    fixture = new PeerFixture();
    const store = await fixture.store();
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
  ): Promise<Shared> {
    const local = new MemoryHolder(author, membership.groupId);
    return shareFile(
      {
        identity: author,
        membership,
        catalog,
        runtime: fixture.runtime,
        remoteHolders: () => remote,
        localHolder: local,
      },
      { path: source, redundancy, ignore: true, signal, onProgress: () => undefined },
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
      runtime: fixture.runtime,
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

  it('warns when there are few peers, and takes part itself where one is missing', async () => {
    const one = await share('auto', undefined, holders.slice(0, 1));
    assert.equal(one.warnings.length, 2);
    const two = await share('1+1', undefined, holders.slice(0, 1));
    assert.equal((await catalog.locations(two.shareId)).length, 2);
    assert.equal((await share()).warnings.length, 0);
  });
});
