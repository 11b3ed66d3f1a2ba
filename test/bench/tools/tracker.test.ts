import assert from 'node:assert/strict';
import { bencode } from './torrent.js';
import { Tracker } from './tracker.js';

describe('the tracker of the bench', () => {
  let tracker: Tracker;

  beforeEach(async () => {
    tracker = await Tracker.start('127.0.0.1');
  });

  afterEach(() => {
    tracker.dispose();
  });

  async function announce(port: number, left: number, event = ''): Promise<Buffer> {
    const answer = await fetch(`${tracker.url}?port=${port}&left=${left}&event=${event}`);
    return Buffer.from(await answer.arrayBuffer());
  }

  it('names the others, in four bytes of address and two of port', async () => {
    await announce(258, 0);
    const answer = await announce(500, 7);
    assert.ok(answer.includes(Buffer.from([127, 0, 0, 1, 1, 2])));
    assert.ok(!answer.includes(Buffer.from([127, 0, 0, 1, 1, 244])));
  });

  it('waits for peers that miss nothing, and forgets those that stop', async () => {
    await announce(1, 0);
    await announce(1, 0, 'stopped');
    const two = tracker.seeds(2, AbortSignal.timeout(5000));
    await announce(2, 5);
    await announce(3, 0);
    await announce(4, 0);
    await two;
    await assert.rejects(tracker.seeds(3, AbortSignal.timeout(20)), /3 seeds/);
  });

  it('speaks their encoding, keys sorted', () => {
    const value = { b: [1, 'x'], a: new Uint8Array([0x7a]), c: { d: -5 } };
    assert.equal(bencode(value).toString(), 'd1:a1:z1:bli1e1:xe1:cd1:di-5eee');
  });
});
