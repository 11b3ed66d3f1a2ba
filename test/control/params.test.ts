import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import fc from 'fast-check';
import { PeerError } from '../../src/common/errors.js';
import { controlMethods, readParams } from '../../src/control/server/params.js';
import type { ControlMethod } from '../../src/control/contract.js';

const refused = (error: unknown): boolean => PeerError.is(error, 'usage');

describe('parameters of the control channel', () => {
  it('are taken when they are right', () => {
    assert.deepEqual(readParams('get', { transferId: 't', share: 'x', path: '/tmp/x' }), {
      transferId: 't',
      share: 'x',
      path: '/tmp/x',
    });
    assert.deepEqual(readParams('createGroup', { name: ' a ', groupName: 'b' }), {
      name: 'a',
      groupName: 'b',
    });
    assert.equal(readParams('status', undefined), null);
    assert.equal(readParams('status', null), null);
  });

  const bad: [ControlMethod, unknown][] = [
    ['get', { transferId: 't', share: 'x', path: 'relative/x' }],
    ['get', { transferId: '', share: 'x', path: '/x' }],
    ['get', { transferId: 't', share: 'x', path: '/x', overwrite: 'yes' }],
    ['get', null],
    ['share', { transferId: 't', path: '../x' }],
    ['share', { transferId: 't', path: '/x', redundancy: 'x'.repeat(99) }],
    ['share', { transferId: 't', path: '/x', holders: [] }],
    ['share', { transferId: 't', path: '/x', holders: ['bob'] }],
    ['share', { transferId: 't', path: '/x', holders: ['ab'.repeat(32), 'ab'.repeat(32)] }],
    ['share', { transferId: 't', path: '/x', holders: hexIds(256) }],
    ['share', { transferId: 't'.repeat(200), path: '/x' }],
    ['shares', { cursor: null, limit: 0 }],
    ['shares', { cursor: null, limit: 1001 }],
    ['shares', { cursor: 'c'.repeat(300), limit: 5 }],
    ['shares', { cursor: null, limit: 5, name: '' }],
    ['shares', { cursor: null, limit: 5, name: 'n'.repeat(256) }],
    ['outlook', { nodeId: 'bob', limit: 5 }],
    ['outlook', { nodeId: 'ab'.repeat(32), limit: 1001 }],
    ['outlook', { nodeId: 'ab'.repeat(32), limit: -1 }],
    ['risk', 5],
    ['verifyAll', { transferId: '' }],
    ['list', { cursor: null, limit: 5001 }],
    ['list', { cursor: null, limit: 5, order: 'size' }],
    ['list', { cursor: null, limit: 5, prefix: '' }],
    ['list', { cursor: null, limit: 5, prefix: 'p'.repeat(256) }],
    ['configure', { peers: Array<string>(300).fill('h:1') }],
    ['configure', { stays: 'always' }],
    ['createGroup', { name: 'a\u202eb', groupName: 'b' }],
    ['createGroup', { name: '   ', groupName: 'b' }],
    ['join', { code: '', name: 'a' }],
    ['invite', { validForMs: 0 }],
    ['invite', { validForMs: 1e15 }],
    ['status', 5],
    ['find', { share: '' }],
    ['find', { share: 'x'.repeat(600) }],
    ['cancel', {}],
    ['entries', { share: 'x', cursor: null, limit: 5, direct: 'yes' }],
    ['sharesOf', { path: 'notes.txt' }],
    ['sharesOf', { path: `/${'x'.repeat(5000)}` }],
    ['repair', { transferId: 't', share: '' }],
    ['repair', { share: 'x' }],
    ['leave', { transferId: 't', force: 'yes' }],
    ['grid', { share: 'x' }],
    ['grid', { share: 'x', columns: 0 }],
    ['grid', { share: 'x', columns: 257 }],
    ['grid', { share: 'x', transferId: 't', columns: 8 }],
    ['configure', { upkeep: { everyMs: 1 } }],
    ['configure', { upkeep: { graceMs: -1 } }],
    ['configure', { upkeep: { bytesPerSecond: 0 } }],
  ];
  for (const [method, params] of bad) {
    it(`are refused: ${method} ${JSON.stringify(params).slice(0, 60)}`, () => {
      assert.throws(() => readParams(method, params), refused);
    });
  }

  it('throw nothing but a usage error, whatever comes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...controlMethods), fc.anything(), (method, params) => {
        try {
          readParams(method, params);
        } catch (error) {
          assert.ok(refused(error), String(error));
        }
      }),
    );
  });
});

function hexIds(count: number): string[] {
  return Array.from({ length: count }, (_, at) => at.toString(16).padStart(64, '0'));
}
