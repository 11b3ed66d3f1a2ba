import assert from 'node:assert/strict';
import { Emitter } from '../../src/common/events.js';
import { silentLogger } from '../../src/common/logger.js';
import type { ControlEvents, ListedShare, PeerStatus } from '../../src/control/contract.js';
import { ShareNews } from '../../src/vscode/news/shareNews.js';
import type { SessionState } from '../../src/vscode/peerSession.js';
import { FakeClient, listed, self, status } from '../cli/fakes.js';

const day = 86_400_000;

/** A session that is attached to a peer with these shares. */
class Attached {
  shares: ListedShare[] = [];
  status: PeerStatus = status;
  readonly state: SessionState = 'running';
  readonly #looked = new Emitter<undefined>();
  readonly attached = new FakeClient({
    list: () => {
      setImmediate(() => {
        this.#looked.fire(undefined);
      });
      return { shares: [...this.shares], cursor: null };
    },
  });
  readonly stateChanged = new Emitter<SessionState>();
  readonly changed = new Emitter<ControlEvents['changed']>();
  readonly onDidChangeState = this.stateChanged.event;
  readonly onDidChange = this.changed.event;
  readonly told: string[][] = [];
  readonly news = new ShareNews(this, silentLogger, 1);

  constructor() {
    this.news.onDidArrive((shares) => this.told.push(shares.map(({ shareId }) => shareId)));
  }

  /** Tells that something has changed, and waits until the news has looked. */
  async look(): Promise<void> {
    const looked = new Promise<void>((resolve) => {
      const once = this.#looked.event(() => {
        once.dispose();
        resolve();
      });
    });
    this.changed.fire({ topics: ['shares'] });
    await looked;
  }
}

function shareOf(shareId: string, fields: Partial<ListedShare> = {}): ListedShare {
  const authorId = 'e'.repeat(64);
  return { ...listed, shareId, authorId, authorName: 'bob', createdAt: Date.now(), ...fields };
}

describe('news of shares', () => {
  it('are what others share from now on, each once', async () => {
    const session = new Attached();
    session.shares = [shareOf('1')];
    await session.look();
    session.shares.unshift(shareOf('2'), shareOf('3'));
    await session.look();
    await session.look();
    assert.deepEqual(session.told, [['2', '3']]);
    assert.deepEqual(
      [session.news.count, session.news.isNew('2'), session.news.isNew('1')],
      [2, true, false],
    );
  });

  it('are neither own shares, nor old ones that are heard of late, nor any without a name', async () => {
    const session = new Attached();
    await session.look();
    session.shares = [
      shareOf('own', { authorId: self.nodeId }),
      shareOf('old', { createdAt: Date.now() - day }),
      shareOf('sealed', { name: '' }),
    ];
    await session.look();
    assert.deepEqual(session.told, []);
    session.shares = [shareOf('sealed')];
    await session.look();
    assert.deepEqual(session.told, [['sealed']]);
  });

  it('are not told again when they come back to the page', async () => {
    const session = new Attached();
    await session.look();
    const share = shareOf('1');
    session.shares = [share];
    await session.look();
    session.shares = [];
    await session.look();
    session.shares = [share];
    await session.look();
    assert.deepEqual(session.told, [['1']]);
  });

  it('are none once the user has seen them', async () => {
    const session = new Attached();
    await session.look();
    session.shares = [shareOf('1')];
    await session.look();
    let changes = 0;
    session.news.onDidChange(() => (changes += 1));
    session.news.forget();
    session.news.forget();
    assert.deepEqual([session.news.count, changes], [0, 1]);
  });

  it('begin anew in another group', async () => {
    const session = new Attached();
    await session.look();
    session.shares = [shareOf('1')];
    await session.look();
    session.status = { ...status, self: { ...self, groupId: 'f'.repeat(64) } };
    session.shares = [shareOf('2')];
    await session.look();
    assert.deepEqual(session.told, [['1']]);
    assert.equal(session.news.count, 0);
  });
});
