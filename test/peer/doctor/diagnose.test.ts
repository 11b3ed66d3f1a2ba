import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { PeerError } from '../../../src/common/errors.js';
import { diagnose, type DoctorDependencies } from '../../../src/peer/doctor/diagnose.js';
import { dialBackLimits, meshLimits } from '../../../src/peer/limits.js';
import type { OnlinePeer } from '../../../src/peer/mesh/mesh.js';

const { signal } = new AbortController();

describe('diagnosing connections', () => {
  let underWay: number;
  let most: number;
  beforeEach(() => {
    underWay = 0;
    most = 0;
  });

  async function dial(): Promise<void> {
    underWay += 1;
    most = Math.max(most, underWay);
    await new Promise(setImmediate);
    underWay -= 1;
  }

  /** This peer at 192.0.2.1:7, and others at eight addresses each. */
  function deps(others: number, online: Partial<OnlinePeer> | undefined): DoctorDependencies {
    const members = new Map(Array.from({ length: others }, (_, at) => [String(at), {}]));
    const addresses = Array.from({ length: 8 }, (_, at) => `198.51.100.${String(at)}:7`);
    return {
      mesh: {
        ...{ listening: '0.0.0.0:7', addresses: ['192.0.2.1:7'], get: () => online },
        attempts: { unmet: () => ['203.0.113.1:7', '203.0.113.2:7'] },
        attempt: async () => {
          await dial();
          throw new PeerError('timeout', 'No answer.');
        },
        probe: async () => {
          await dial();
          return 'reached';
        },
      },
      membership: { hasGroup: true, nodeId: 'self', roster: { members } },
      addressBook: { get: () => ({ addresses }) },
    } as unknown as DoctorDependencies;
  }

  it('dials a bounded number of addresses at once, whoever they are of', async () => {
    const { peers } = await diagnose(deps(10, undefined), signal);
    assert.equal(peers.flatMap(({ there }) => there).length, 82);
    assert.equal(most, meshLimits.dials);
    assert.equal(underWay, 0);
  });

  it('hears of nothing but the addresses that it asked for, and of no endless dials', async () => {
    const result = (address: string, ms: number) => ({ address, outcome: 'reached', ms });
    const message = {
      ...{ t: 'dialledBack', observed: '203.0.113.9', now: Date.now() },
      results: [
        result('192.0.2.1:7', 2 ** 50),
        result('192.0.2.1:22', 1),
        result('203.0.113.9:7', 1),
        result('evil.example:7', 1),
      ],
    };
    const connection = { remoteAddress: '198.51.100.1', request: () => ({ message }) };
    const { peers } = await diagnose(deps(1, { connection } as unknown as OnlinePeer), signal);
    assert.deepEqual(peers[0]?.back, [
      result('192.0.2.1:7', dialBackLimits.answerMs),
      result('203.0.113.9:7', 1),
    ]);
  });
});
