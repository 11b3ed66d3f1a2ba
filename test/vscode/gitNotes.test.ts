import assert from 'node:assert/strict';
import { PeerError } from '../../src/common/errors.js';
import { silentLogger } from '../../src/common/logger.js';
import type { GitInfo } from '../../src/control/contract.js';
import { GitNotes } from '../../src/vscode/groups/gitNotes.js';
import { FakeClient } from '../cli/fakes.js';
import { turn, VirtualTime } from '../support/virtualTime.js';

describe('the state of git of shares', () => {
  const git: GitInfo = { commit: 'ab'.repeat(20), branch: 'main', dirty: false, folder: 'src' };
  let time: VirtualTime;
  let asked: string[];
  /** Shares that cannot be read now. */
  let unreadable: Set<string>;
  let isAttached: boolean;
  let notes: GitNotes;
  let told: number;
  beforeEach(() => {
    time = new VirtualTime();
    asked = [];
    unreadable = new Set();
    isAttached = true;
    told = 0;
    const client = new FakeClient({
      entries: ({ share }) => {
        asked.push(share);
        if (unreadable.has(share)) throw new PeerError('unreachable', 'Nobody is there.');
        return { entries: [], cursor: null, git };
      },
    });
    const session = {
      get attached() {
        return isAttached ? client : undefined;
      },
    };
    notes = new GitNotes(session, silentLogger, time);
  });

  const readSoon = async (...shareIds: readonly string[]): Promise<void> => {
    notes.readSoon(shareIds, () => (told += 1));
    await turn();
  };

  it('is read once of each, and told', async () => {
    await readSoon('a', 'b', 'c');
    await readSoon('a', 'b', 'c');
    assert.deepEqual(asked, ['a', 'b', 'c']);
    assert.deepEqual(notes.of('c'), git);
    assert.ok(told > 0);
    assert.equal(time.pending, 0);
  });

  it('is read again where it could not be, after longer and longer', async () => {
    unreadable.add('b');
    await readSoon('a', 'b');
    await readSoon('a', 'b'); // a view that is drawn again is no reason
    assert.deepEqual(asked, ['a', 'b']);
    assert.equal(notes.of('b'), undefined);
    await time.pass(2_000);
    assert.equal(asked.length, 3);
    await time.pass(3_999);
    assert.equal(asked.length, 3);
    const before = told;
    unreadable.clear();
    await time.pass(1);
    assert.deepEqual(asked.slice(2), ['b', 'b']);
    assert.deepEqual(notes.of('b'), git);
    assert.equal(told, before + 1);
    assert.equal(time.pending, 0);
  });

  it('has failed for nobody whose peer went away meanwhile', async () => {
    notes.readSoon(['a', 'b', 'c', 'd'], () => undefined);
    isAttached = false;
    await turn();
    isAttached = true;
    await readSoon('a', 'b', 'c', 'd');
    assert.deepEqual(asked, ['a', 'b', 'c', 'd']);
  });

  it('waits a minute at most, and no longer than it is shown', async () => {
    unreadable.add('a');
    await readSoon('a');
    await time.pass(10 * 60_000);
    const count = asked.length;
    assert.ok(count > 10 && count < 20, String(count));
    await time.pass(60_000);
    assert.equal(asked.length, count + 1);
    await readSoon();
    assert.equal(time.pending, 0);
    await time.pass(600_000);
    assert.equal(asked.length, count + 1);
  });

  it('asks nobody without a peer, nor once it is disposed of', async () => {
    isAttached = false;
    await readSoon('a');
    assert.deepEqual(asked, []);
    isAttached = true;
    unreadable.add('a');
    await readSoon('a');
    assert.equal(time.pending, 1);
    notes.dispose();
    assert.equal(time.pending, 0);
    await readSoon('b');
    assert.deepEqual(asked, ['a']);
  });
});
