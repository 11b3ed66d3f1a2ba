import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { OwnAddress } from '../../src/net/ownAddresses.js';
import { ownNetworks } from '../../src/net/ownNetworks.js';

function own(family: 'IPv4' | 'IPv6', address: string, cidr: string | null): OwnAddress {
  const rest = { netmask: '', mac: '', internal: false, interfaceName: 'eth0' };
  return family === 'IPv4'
    ? { family, address, cidr, ...rest }
    : { family, address, cidr, scopeid: 0, ...rest };
}

describe('ownNetworks', () => {
  it('are those that an own address is on, public ones too, and no other', () => {
    const networks = ownNetworks([
      own('IPv4', '192.168.7.20', '192.168.7.20/24'),
      own('IPv4', '198.51.100.7', '198.51.100.7/29'),
      own('IPv4', '10.9.9.9', null),
      own('IPv6', '2001:db8::7', '2001:db8::7/64'),
    ]);
    for (const near of ['192.168.7.1', '198.51.100.1', '10.9.9.9']) assert.ok(networks.check(near));
    for (const far of ['192.168.8.1', '198.51.100.8', '10.9.9.8', '8.8.8.8', '127.0.0.1', 'x']) {
      assert.ok(!networks.check(far), far);
    }
  });

  it('of this machine have its loopback', () => {
    assert.ok(ownNetworks().check('127.0.0.1'));
  });
});
