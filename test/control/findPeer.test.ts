import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { PeerError, type ErrorCode } from '../../src/common/errors.js';
import { findPeer } from '../../src/control/server/findPeer.js';
import { formatNodeId } from '../../src/net/nodeIdText.js';
import { peer } from '../cli/fakes.js';

describe('findPeer', () => {
  const bob = peer({ name: 'bob', nodeId: 'ab'.repeat(32) });
  const carol = peer({ name: 'carol', nodeId: `${'ab'.repeat(31)}cd` });
  const twin = peer({ name: 'carol', nodeId: '12'.repeat(32), state: 'removed' });
  const nobody = peer({ name: '192.0.2.7:1', nodeId: '', state: 'unknown' });
  const peers = [bob, carol, twin, nobody];
  const fails = (text: string, code: ErrorCode): void => {
    assert.throws(
      () => findPeer(peers, text),
      (error) => PeerError.is(error, code) && error.hint !== undefined,
    );
  };

  it('means a member by its name, and by its id in any form', () => {
    assert.equal(findPeer(peers, 'bob'), bob);
    assert.equal(findPeer(peers, bob.nodeId), bob);
    assert.equal(findPeer(peers, formatNodeId(bob.nodeId)), bob);
    assert.equal(findPeer(peers, '121212'), twin);
  });

  it('means by a name who is there before who was removed', () => {
    assert.equal(findPeer(peers, 'carol'), carol);
    assert.equal(findPeer([bob, twin], 'carol'), twin);
  });

  it('says when it is nobody, or several', () => {
    fails('ababab', 'ambiguous');
    fails('dave', 'not-found');
    fails('12121', 'not-found');
    fails('192.0.2.7:1', 'not-found');
    fails('', 'not-found');
  });
});
