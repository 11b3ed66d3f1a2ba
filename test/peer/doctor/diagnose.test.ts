import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { PeerError } from '../../../src/common/errors.js';
import { diagnose, type DoctorDependencies } from '../../../src/peer/doctor/diagnose.js';
import { meshLimits } from '../../../src/peer/limits.js';
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
});
