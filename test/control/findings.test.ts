import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { doctorText } from '../../src/cli/doctorText.js';
import { findingsOf } from '../../src/control/server/findings.js';
import type { Finding } from '../../src/control/contract.js';
import type { Reachability, ReachabilityReport } from '../../src/peer/doctor/diagnose.js';
import pc from 'picocolors';

const there = [{ address: '192.0.2.2:1', outcome: 'reached', ms: 3 }] as const;
const bob: Reachability = {
  nodeId: 'bb',
  latencyMs: 3,
  connected: true,
  there,
  back: [{ address: '192.0.2.1:7', outcome: 'reached', ms: 3 }],
  skewMs: 20,
};
const away = (...there: Reachability['there']): Reachability => ({
  ...bob,
  ...{ connected: false, latencyMs: null, back: null, skewMs: null, there },
});

describe('findings about connections', () => {
  function find(
    peers: readonly Reachability[],
    more: Partial<ReachabilityReport> = {},
    platform = 'linux',
  ): Finding[] {
    return findingsOf({
      report: {
        ...{ listening: '192.0.2.1:7', loopbackOnly: false, hasNetwork: true, peers },
        ...more,
      },
      platform,
      nameOf: () => 'bob\u202e',
      ...{ hasGroup: true, isRemoved: false },
    });
  }
  const kinds = (found: readonly Finding[]): string[] =>
    found.map(({ level, kind }) => `${level} ${kind}`);

  it('say that all is well', () => {
    assert.deepEqual(kinds(find([bob])), ['ok listening', 'ok connected', 'ok back-reached']);
  });

  it('name each address of who is away', () => {
    const outcomes = [
      'refused',
      'silent',
      'unresolved',
      'stranger',
      'no-peer',
      'other-version',
    ] as const;
    const there = outcomes.map((outcome) => ({ address: `${outcome}:1`, outcome, ms: 1 }));
    assert.deepEqual(
      kinds(find([away(...there)])).slice(1),
      outcomes.map((one) => `problem ${one}`),
    );
    assert.deepEqual(kinds(find([away()])).slice(1), ['problem no-address']);
  });

  it('tell who can be reached and does not reach this machine, and that it may be a firewall', () => {
    const back = [
      { address: '10.0.0.1:7', outcome: 'failed', ms: 9 },
      { address: '192.0.2.1:7', outcome: 'silent', ms: 5000 },
    ] as const;
    const found = find([{ ...bob, back }]);
    assert.deepEqual(kinds(found), [
      'ok listening',
      'note firewall',
      'ok connected',
      'problem back-silent',
    ]);
    assert.equal(found.at(-1)?.address, '192.0.2.1:7');
    assert.deepEqual(kinds(find([{ ...bob, back: null }])).at(-1), 'note back-unknown');
  });

  it('blame no firewall where somebody reaches this machine, or nobody has tried', () => {
    const back = [{ address: '192.0.2.1:7', outcome: 'refused', ms: 1 }] as const;
    const failing = { ...bob, back };
    assert.ok(kinds(find([failing, failing])).includes('note firewall'));
    assert.ok(!kinds(find([failing, bob])).includes('note firewall'));
    assert.ok(!kinds(find([{ ...bob, back: [] }])).includes('note firewall'));
  });

  it('take loopback and a missing network for problems only where somebody is missing', () => {
    const alone = { loopbackOnly: true, hasNetwork: false };
    assert.deepEqual(kinds(find([bob], alone)).slice(0, 2), [
      'note no-network',
      'note loopback-only',
    ]);
    assert.deepEqual(kinds(find([away()], alone)).slice(0, 2), [
      'problem no-network',
      'problem loopback-only',
    ]);
  });

  it('know what macOS answers, and clocks that are wrong', () => {
    const lost = away({ address: '192.0.2.2:1', outcome: 'no-route', ms: 1 });
    assert.ok(kinds(find([lost], {}, 'darwin')).includes('note local-network'));
    assert.ok(!kinds(find([lost])).includes('note local-network'));
    const [clock] = find([{ ...bob, skewMs: -3_600_000 }]).slice(-1);
    assert.deepEqual([clock?.kind, clock?.ms], ['clock', -3_600_000]);
  });

  it('are told in words, with names escaped, for each system', () => {
    for (const platform of ['linux', 'darwin', 'win32']) {
      const lines = doctorText(
        {
          platform,
          findings: find([{ ...bob, back: [{ ...there[0], outcome: 'silent' }] }], {}, platform),
        },
        pc.createColors(false),
      );
      assert.ok(lines.some((line) => line.includes('bob\\u{202e} cannot reach this machine')));
      assert.equal(lines.at(-1), '1 problem.');
    }
  });
});
