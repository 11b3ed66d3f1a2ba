import assert from 'node:assert/strict';
import { formatAddress, parseAddress } from '../../../src/net/address.js';
import { formatNodeId, parseNodeId } from '../../../src/net/nodeIdText.js';
import { unlessRefused, type FuzzTarget } from '../target.js';

/** What people type: addresses and ids of peers. */
export const addresses: FuzzTarget = {
  name: 'addresses',
  seeds: () =>
    [
      '192.0.2.7:41700',
      '[2001:db8::7]:65535',
      'nas.local:1',
      formatNodeId('0123456789abcdef'.repeat(4)),
    ].map((text) => Buffer.from(text)),
  run: (input) => {
    const text = Buffer.from(input).toString('utf8');
    const address = unlessRefused(['usage'], () => parseAddress(text));
    if (address !== undefined) {
      assert.deepEqual(parseAddress(formatAddress(address.host, address.port)), address);
    }
    const nodeId = unlessRefused(['usage'], () => parseNodeId(text));
    if (nodeId !== undefined) assert.equal(parseNodeId(formatNodeId(nodeId)), nodeId);
  },
};
