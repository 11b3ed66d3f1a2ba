import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { nearbyTag, type Nearby } from '../../src/protocol/nearbyTag.js';

const page = readFileSync(new URL('../../src/protocol/PROTOCOL.md', import.meta.url), 'utf8');
const shown: Nearby = {
  groupId: '9b'.repeat(32),
  nodeId: '4a'.repeat(32),
  instance: '0123456789abcdef',
  port: 7420,
};

describe('nearbyTag', () => {
  it('is what PROTOCOL.md shows', () => {
    assert.equal(nearbyTag(shown), 'b9hEfs0JrpwimIlkNTYWog');
    assert.ok(page.includes(`\`${nearbyTag(shown)}\``));
  });

  it('is another one for every other group, peer, name and port', () => {
    const hex = (bytes: number) =>
      fc
        .uint8Array({ minLength: bytes, maxLength: bytes })
        .map((value) => Buffer.from(value).toString('hex'));
    const any = fc.record({
      groupId: hex(32),
      nodeId: hex(32),
      instance: hex(8),
      port: fc.integer({ min: 1, max: 0xffff }),
    });
    fc.assert(
      fc.property(any, fc.constantFrom('groupId', 'nodeId', 'instance', 'port'), (one, field) => {
        assert.match(nearbyTag(one), /^[\w-]{22}$/);
        const other = { ...one, [field]: shown[field] };
        if (other[field] !== one[field]) assert.notEqual(nearbyTag(other), nearbyTag(one));
      }),
    );
  });
});
