import assert from 'node:assert/strict';
import { mock } from 'node:test';
import type { ControlClient, PeerStatus, Settings } from '../../src/control/contract.js';
import { PeerError } from '../../src/common/errors.js';
import { Emitter } from '../../src/common/events.js';
import { silentLogger } from '../../src/common/logger.js';
import { PeerSession } from '../../src/vscode/peerSession.js';

/** A channel that answers what the session asks at attach, and ends when the test says so. */
class FakeChannel {
  readonly asked: string[] = [];
  readonly configured: Settings[] = [];
  readonly closed = new Emitter<undefined>();
  listening = '127.0.0.1:5000';
  disposed = false;

  constructor(readonly pid: number) {}

  readonly client = {
    peerVersion: '0.0.0',
    request: (method: string, params: unknown) => {
      this.asked.push(method);
      if (method === 'configure') {
        this.configured.push(params as Settings);
        const { listen } = params as Settings;
        if (listen !== undefined && !listen.endsWith(':0')) {
          return Promise.reject(new PeerError('in-use', 'Cannot listen there.'));
        }
        if (listen !== undefined) this.listening = listen.replace(/:0$/, ':6000');
        return Promise.resolve({ pid: this.pid, listening: this.listening } as PeerStatus);
      }
      return Promise.resolve({ pid: this.pid, self: null } as PeerStatus);
    },
    on: () => ({ dispose: () => undefined }),
    onClose: (listener: () => void) => this.closed.event(listener),
    dispose: () => {
      this.disposed = true;
    },
  } as unknown as ControlClient;
}

class Desk {
  readonly channels: FakeChannel[] = [];
  readonly attempts: boolean[] = [];
  fail: PeerError | undefined;
  stoppedPid: number | undefined;
  settings: Settings = {};
  readonly session = new PeerSession({
    attach: ({ start }) => {
      this.attempts.push(start);
      if (this.fail) return Promise.reject(this.fail);
      const channel = new FakeChannel(100 + this.channels.length);
      this.channels.push(channel);
      return Promise.resolve(channel.client);
    },
    target: () => ({ dataDir: '/data', runtimeDir: '/dist' }),
    settings: () => this.settings,
    stopNote: {
      write: (pid) => {
        this.stoppedPid = pid;
        return Promise.resolve();
      },
      read: () => Promise.resolve(this.stoppedPid),
    },
    log: silentLogger,
    retryDelays: [10, 20],
  });

  get channel(): FakeChannel {
    const last = this.channels.at(-1);
    assert.ok(last);
    return last;
  }
}

/** Lets everything that is ready run: nothing here waits for more than promises. */
function settle(): Promise<void> {
  return new Promise(setImmediate);
}

describe('the session with the peer', () => {
  let desk: Desk;
  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    desk = new Desk();
  });
  afterEach(() => {
    desk.session.dispose();
    mock.timers.reset();
  });

  it('attaches once, however many ask', async () => {
    const [one, two] = await Promise.all([desk.session.client(), desk.session.client()]);
    assert.ok(one === two);
    assert.deepEqual(desk.attempts, [true]);
    assert.equal(desk.session.state, 'running');
  });

  it('hands over settings only where the user made some', async () => {
    await desk.session.client();
    assert.deepEqual(desk.channel.asked, ['status']);
    await desk.session.configure({ peers: ['192.0.2.7:7420'] });
    assert.deepEqual(desk.channel.asked, ['status', 'configure']);
  });

  it('applies the other settings where the port is taken, and says where the peer listens', async () => {
    const taken: unknown[] = [];
    desk.session.onDidFindPortTaken((port) => taken.push(port));
    desk.settings = { listen: '127.0.0.1:7420', lend: 5 };
    await desk.session.client();
    await settle();
    assert.deepEqual(desk.channel.configured.at(-1), { lend: 5 });
    assert.deepEqual(taken, [{ listen: '127.0.0.1:7420', listening: '127.0.0.1:5000' }]);
  });

  it('keeps to the host that is wanted where the port is taken', async () => {
    const taken: unknown[] = [];
    desk.session.onDidFindPortTaken((port) => taken.push(port));
    desk.settings = { listen: '192.0.2.7:7420', lend: 5 };
    await desk.session.client();
    await settle();
    assert.deepEqual(desk.channel.configured.slice(-2), [{ lend: 5 }, { listen: '192.0.2.7:0' }]);
    assert.deepEqual(taken, [{ listen: '192.0.2.7:7420', listening: '192.0.2.7:6000' }]);
  });

  it('tells why it failed, and tries again when asked', async () => {
    desk.fail = new PeerError('in-use', 'Taken.');
    await assert.rejects(desk.session.client(), { code: 'in-use' });
    assert.equal(desk.session.state, 'failed');
    assert.equal(desk.session.lastError?.code, 'in-use');
    desk.fail = undefined;
    await desk.session.client();
    assert.equal(desk.session.state, 'running');
  });

  it('attaches again when the channel ends, with waits in between, and gives up at last', async () => {
    await desk.session.client();
    desk.fail = new PeerError('closed', 'Gone.');
    desk.channel.closed.fire(undefined);
    assert.equal(desk.session.state, 'stopped');
    for (let n = 0; n < 5; n += 1) {
      mock.timers.tick(20);
      await settle();
    }
    assert.deepEqual(desk.attempts, [true, true, true]);
    assert.equal(desk.session.state, 'failed');
  });

  it('leaves a peer alone that was stopped on purpose in another window', async () => {
    await desk.session.client();
    desk.stoppedPid = desk.channel.pid;
    desk.channel.closed.fire(undefined);
    mock.timers.tick(1000);
    await settle();
    assert.deepEqual(desk.attempts, [true]);
    assert.equal(desk.session.state, 'stopped');
  });

  it('stops the peer for good, and notes it for the other windows', async () => {
    await desk.session.client();
    const { channel } = desk;
    await desk.session.stop();
    assert.ok(channel.asked.includes('shutdown'));
    assert.equal(desk.stoppedPid, channel.pid);
    assert.ok(channel.disposed);
    channel.closed.fire(undefined);
    mock.timers.tick(1000);
    await settle();
    assert.equal(desk.session.state, 'stopped');
  });

  it('starts no peer in order to stop it', async () => {
    desk.fail = new PeerError('closed', 'None runs.');
    await desk.session.stop();
    assert.deepEqual(desk.attempts, [false]);
    assert.equal(desk.session.state, 'stopped');
  });

  it('lets go of everything when it is disposed of', async () => {
    await desk.session.client();
    desk.session.dispose();
    desk.session.dispose();
    assert.ok(desk.channel.disposed);
    await assert.rejects(desk.session.client(), { code: 'closed' });
  });
});
