import assert from 'node:assert/strict';
import path from 'node:path';
import { PeerError } from '../../src/common/errors.js';
import { silentLogger } from '../../src/common/logger.js';
import type { ControlClient, PeerStatus } from '../../src/control/contract.js';
import {
  freeDirectory,
  groupDirectories,
  mostFurther,
} from '../../src/vscode/groups/directories.js';
import { Group } from '../../src/vscode/groups/group.js';
import { groupOfShare } from '../../src/vscode/groups/groupOfShare.js';
import { Groups } from '../../src/vscode/groups/groups.js';
import { PeerSession } from '../../src/vscode/peerSession.js';
import { self, share, status } from '../cli/fakes.js';

const first = path.resolve('/data/first');
const second = path.resolve('/data/second');
const third = path.resolve('/data/third');

describe('the data directories of groups', () => {
  it('are the first one, and those beside it', () => {
    const further = [second, ` ${third}${path.sep} `];
    assert.deepEqual(groupDirectories(first, further), {
      directories: [first, second, third],
      refused: [],
    });
    assert.deepEqual(groupDirectories('relative', []).directories, [path.resolve('relative')]);
  });

  it('are nothing else that stands in the settings', () => {
    const { directories, refused } = groupDirectories(first, [
      ...[7, null, '', 'relative/path', '~/data'],
      ...[first, second, path.join(second, '..', 'second')],
    ]);
    assert.deepEqual(directories, [first, second]);
    assert.deepEqual(
      refused.map(({ entry, why }) => `${String(entry)} ${why}`),
      [
        ...['0 no-text', '1 no-text', '2 not-absolute', '3 not-absolute', '4 not-absolute'],
        ...['5 double', '7 double'],
      ],
    );
    for (const further of [undefined, null, second, { 0: second, length: 1 }]) {
      const refused = [{ entry: undefined, why: 'no-list' }];
      assert.deepEqual(groupDirectories(first, further), { directories: [first], refused });
    }
  });

  it('are not without end', () => {
    const many = Array.from({ length: 20 }, (_, at) => path.resolve(`/data/${String(at)}`));
    const { directories, refused } = groupDirectories(first, many);
    assert.equal(directories.length, 1 + mostFurther);
    assert.equal(refused.length, 20 - mostFurther);
  });

  it('get a free name beside the first', async () => {
    const taken = new Set([`${first}-2`, `${first}-3`]);
    const free = await freeDirectory(first, (directory) => Promise.resolve(taken.has(directory)));
    assert.equal(free, `${first}-4`);
  });
});

/** Groups over directories that a test names, with peers that answer what it says. */
class Desk {
  directories: [string, ...string[]] = [first];
  /** Shares by data directory. */
  readonly shares = new Map<string, string>();
  readonly attached: string[] = [];
  readonly groups = new Groups({
    directories: () => this.directories,
    open: (directory) => new Group(directory, this.#session(directory), silentLogger),
  });

  #session(directory: string): PeerSession {
    return new PeerSession({
      attach: ({ dataDir }) => {
        this.attached.push(dataDir);
        return Promise.resolve(this.#client(dataDir));
      },
      target: () => ({ dataDir: directory, runtimeDir: '/dist' }),
      settings: () => ({}),
      stopNote: { write: () => Promise.resolve(), read: () => Promise.resolve(undefined) },
      log: silentLogger,
    });
  }

  #client(dataDir: string): ControlClient {
    const groupName = `group of ${path.basename(dataDir)}`;
    const answers: Readonly<Record<string, (params: { share: string }) => unknown>> = {
      status: (): PeerStatus => ({ ...status, dataDir, self: { ...self, groupName } }),
      transfers: () => ({ transfers: [] }),
      list: () => ({ shares: [], cursor: null }),
      find: (params) => {
        if (this.shares.get(dataDir) === params.share) return share;
        throw new PeerError('not-found', 'No.');
      },
    };
    return {
      peerVersion: '0.0.0',
      request: (method: string, params: { share: string }) =>
        new Promise((resolve) => {
          resolve(answers[method]?.(params));
        }),
      on: () => ({ dispose: () => undefined }),
      onClose: () => ({ dispose: () => undefined }),
      dispose: () => undefined,
    } as unknown as ControlClient;
  }

  follow(...directories: [string, ...string[]]): void {
    this.directories = directories;
    this.groups.follow();
  }
}

describe('the groups of a machine', () => {
  let desk: Desk;
  beforeEach(() => {
    desk = new Desk();
  });
  afterEach(() => {
    desk.groups.dispose();
  });

  it('follow the settings, and stay the same as long as their directories do', () => {
    const { groups } = desk;
    const one = groups.first;
    assert.equal(groups.only, one);
    let changes = 0;
    groups.onDidChange(() => (changes += 1));
    desk.follow(first, second);
    assert.equal(groups.first, one);
    assert.equal(groups.only, undefined);
    assert.deepEqual(
      groups.all.map(({ directory }) => directory),
      [first, second],
    );
    desk.follow(first, second);
    assert.equal(changes, 1);
    const two = groups.find(second);
    desk.follow(second);
    assert.equal(groups.only, two);
    assert.equal(groups.find(first), undefined);
  });

  it('are attached where one that was there is, and only then', async () => {
    desk.follow(first, second);
    assert.deepEqual(desk.attached, []);
    await desk.groups.first.session.client();
    desk.follow(first, third);
    assert.deepEqual(desk.attached, [first, third]);
  });

  it('let go of the peer of one that goes', async () => {
    desk.follow(first, second);
    const [, two] = desk.groups.all;
    await two?.session.client();
    desk.follow(first);
    assert.equal(two?.session.attached, undefined);
    await assert.rejects(async () => two?.session.client());
  });

  it('are told one by one to who follows each', () => {
    const { groups } = desk;
    const told: string[] = [];
    const following = groups.each(({ directory }) => {
      told.push(`+${path.basename(directory)}`);
      return { dispose: () => told.push(`-${path.basename(directory)}`) };
    });
    desk.follow(first, second);
    desk.follow(second);
    following.dispose();
    desk.follow(second, third);
    assert.deepEqual(told, ['+first', '+second', '-first', '-second']);
  });

  it('are called by their names, which stay while their peers are away', async () => {
    const { first: group } = desk.groups;
    assert.equal(group.name, 'first');
    await group.session.client();
    assert.equal(group.name, 'group of first');
    await group.session.stop();
    assert.equal(group.name, 'group of first');
  });

  it('are found by what they share, those that are attached first', async () => {
    desk.follow(first, second, third);
    desk.shares.set(second, 'a').set(third, 'b');
    const [, two, three] = desk.groups.all;
    await three?.session.client();
    assert.equal(await groupOfShare(desk.groups, 'b'), three);
    assert.deepEqual(desk.attached, [third]);
    assert.equal(await groupOfShare(desk.groups, 'a'), two);
    assert.deepEqual(desk.attached, [third, first, second]);
    assert.equal(await groupOfShare(desk.groups, 'nowhere'), desk.groups.first);
  });

  it('of which there is one are asked nothing', async () => {
    assert.equal(await groupOfShare(desk.groups, 'a'), desk.groups.first);
    assert.deepEqual(desk.attached, []);
  });
});
