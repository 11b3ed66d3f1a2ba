import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { DialBack, type DialBackOptions } from '../../../src/peer/doctor/dialBack.js';
import { dialBackLimits } from '../../../src/peer/limits.js';
import type { DialOutcome } from '../../../src/protocol/messages/dialBack.js';
import { VirtualTime } from '../../support/virtualTime.js';
import { rejects } from '../support/rejects.js';

const asker = 'aa'.repeat(32);
const { signal } = new AbortController();

describe('dialling back', () => {
  let dialled: string[];
  let outcome: DialOutcome;
  let time: VirtualTime;
  beforeEach(() => {
    dialled = [];
    outcome = 'reached';
    time = new VirtualTime();
  });

  /** One that sees the asker at a host, and knows addresses of it. */
  function dialBack(observed: string, addresses: readonly string[] = []): DialBack {
    return new DialBack({
      mesh: {
        get: (nodeId: string) =>
          nodeId === asker ? { connection: { remoteAddress: observed } } : undefined,
        probe: (address: string, nodeId: string) => {
          assert.equal(nodeId, asker, 'only the asker’s own key is good enough');
          dialled.push(address);
          return Promise.resolve(outcome);
        },
      },
      addressBook: { get: () => ({ nodeId: asker, addresses, lastSeen: 0, stays: false }) },
      time,
    } as unknown as DialBackOptions);
  }

  it('tries what the asker announced, and the host that it is seen at', async () => {
    const at = dialBack('::ffff:198.51.100.3', ['192.0.2.7:41700']);
    const answer = await at.answer(asker, ['192.0.2.7:41700'], signal);
    assert.deepEqual(dialled, ['192.0.2.7:41700', '198.51.100.3:41700']);
    assert.equal(answer.observed, '198.51.100.3');
    assert.deepEqual(
      answer.results.map((result) => result.outcome),
      ['reached', 'reached'],
    );
  });

  it('dials nobody else, and no loopback of its own', async () => {
    const own = ['127.0.0.1:41700', '[::1]:41700', 'localhost:41700'];
    const at = dialBack('198.51.100.3', own);
    const answer = await at.answer(asker, ['203.0.113.9:22', 'not an address', ...own], signal);
    assert.deepEqual(dialled, ['198.51.100.3:22']);
    assert.deepEqual(
      new Set(answer.results.slice(0, -1).map((result) => result.outcome)),
      new Set(['not-tried']),
    );
  });

  it('does not tell what answers in a network that the asker is not seen in', async () => {
    outcome = 'refused';
    const at = dialBack('198.51.100.3', ['192.0.2.7:22', '198.51.100.3:22']);
    const answer = await at.answer(asker, ['192.0.2.7:22', '198.51.100.3:22'], signal);
    assert.deepEqual(
      answer.results.map((result) => result.outcome),
      ['failed', 'refused'],
    );
  });

  it('refuses who asks too often, and who is not connected', async () => {
    const at = dialBack('198.51.100.3');
    for (let count = 0; count < dialBackLimits.asked.burst; count += 1) {
      await at.answer(asker, [], signal);
    }
    await rejects('limit', () => at.answer(asker, [], signal));
    await time.pass(dialBackLimits.asked.everyMs);
    await at.answer(asker, [], signal);
    await rejects('closed', () => at.answer('bb'.repeat(32), [], signal));
  });
});
