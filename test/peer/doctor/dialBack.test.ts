import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { passing } from '../../../src/common/time.js';
import { DialBack, type DialBackOptions } from '../../../src/peer/doctor/dialBack.js';
import { dialBackLimits, meshLimits } from '../../../src/peer/limits.js';
import type { DialOutcome } from '../../../src/protocol/messages/dialBack.js';
import { VirtualTime } from '../../support/virtualTime.js';
import { rejects } from '../support/rejects.js';

const asker = 'aa'.repeat(32);
const other = 'cc'.repeat(32);
const { signal } = new AbortController();

describe('dialling back', () => {
  let dialled: string[];
  /** Whose key was to answer, of each dial. */
  let askers: string[];
  let outcome: DialOutcome;
  let dialMs: number;
  let time: VirtualTime;
  beforeEach(() => {
    dialled = [];
    askers = [];
    outcome = 'reached';
    dialMs = 0;
    time = new VirtualTime();
  });

  /** One that sees the asker at a host, and knows addresses of it. */
  function dialBack(observed: string, addresses: readonly string[] = []): DialBack {
    return new DialBack({
      mesh: {
        get: (nodeId: string) =>
          [asker, other].includes(nodeId) ? { connection: { remoteAddress: observed } } : undefined,
        probe: async (address: string, nodeId: string) => {
          askers.push(nodeId);
          dialled.push(address);
          if (dialMs > 0) await passing(time, dialMs, signal);
          return outcome;
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
    assert.deepEqual(askers, [asker, asker], 'only the asker’s own key is good enough');
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
    assert.deepEqual(dialled, ['198.51.100.3:41700']);
    assert.deepEqual(
      new Set(answer.results.slice(0, -1).map((result) => result.outcome)),
      new Set(['not-tried']),
    );
  });

  it('dials no name, and nothing that is of this machine or link alone, however it is written', async () => {
    const hosts = ['peer.example', 'LOCALHOST', '127.1', '0', '2130706433', '0.0.0.0', '[::]'];
    const local = ['[::ffff:7f00:1]', '[::7f00:1]', '169.254.169.254', '[fe80::1]', '[fe80::1%lo]'];
    const all = [...hosts, ...local].map((host) => `${host}:41700`);
    const at = dialBack('198.51.100.3', all);
    const { results } = await at.answer(asker, all, signal);
    assert.deepEqual(dialled, ['198.51.100.3:41700']);
    for (const { address, outcome: word } of results.slice(0, -1)) {
      assert.equal(word, 'not-tried', address);
    }
  });

  it('dials no port but those that the asker announced, where it is seen', async () => {
    const at = dialBack('198.51.100.3', ['192.0.2.7:41700']);
    const { results } = await at.answer(asker, ['198.51.100.3:22', '198.51.100.3:41700'], signal);
    assert.deepEqual(dialled, ['198.51.100.3:41700']);
    assert.deepEqual(
      results.map((result) => result.outcome),
      ['not-tried', 'reached'],
    );
  });

  it('dials loopback where the asker is seen there, at that address alone', async () => {
    const all = ['127.0.0.1:41700', '127.0.0.2:41700'];
    await dialBack('::ffff:127.0.0.1', all).answer(asker, all, signal);
    assert.deepEqual(dialled, ['127.0.0.1:41700']);
  });

  it('does not tell what answers in a network that the asker is not seen in, nor by when', async () => {
    const addresses = ['192.0.2.7:22', '198.51.100.3:22'];
    const answers = [];
    for (const [word, takes] of [
      ['refused', 3],
      ['silent', meshLimits.dialMs],
    ] as const) {
      outcome = word;
      dialMs = takes;
      let isTold = false;
      const answer = dialBack('198.51.100.3', addresses)
        .answer(asker, addresses, signal)
        .finally(() => (isTold = true));
      await time.pass(dialBackLimits.untoldMs - 1);
      assert.ok(!isTold, 'not before any dial has ended');
      await time.pass(1);
      const [elsewhere, observed] = (await answer).results;
      assert.equal(observed?.outcome, word);
      assert.equal(observed.ms, takes);
      answers.push(elsewhere);
    }
    const untold = { address: '192.0.2.7:22', outcome: 'failed', ms: dialBackLimits.untoldMs };
    assert.deepEqual(answers, [untold, untold]);
  });

  it('tells at once that it reaches the asker, wherever that is', async () => {
    const { results } = await dialBack('198.51.100.3', ['192.0.2.7:22']).answer(
      asker,
      ['192.0.2.7:22'],
      signal,
    );
    assert.equal(results[0]?.outcome, 'reached');
    assert.equal(time.pending, 0);
  });

  it('keeps nobody waiting for a member that has it dial as much as it can', async () => {
    dialMs = meshLimits.dialMs;
    const many = Array.from({ length: 8 }, (_, at) => `192.0.2.${String(at)}:41700`);
    const at = dialBack('198.51.100.3', many);
    const busy = [1, 2, 3, 4].map(() => at.answer(asker, many, signal));
    void at.answer(other, ['198.51.100.3:41700'], signal);
    await time.pass(0);
    assert.equal(askers.filter((one) => one === other).length, 1);
    await time.pass(4 * dialBackLimits.untoldMs);
    await Promise.all(busy);
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
