import { BlockList, isIP, isIPv6 } from 'node:net';
import { parseAddress } from '../../net/address.js';

/** IPv4 written as IPv6, however, counts as IPv4 in these lists. */
const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

const local = new BlockList();
local.addSubnet('0.0.0.0', 8); // connects to this machine
local.addSubnet('127.0.0.0', 8);
local.addSubnet('169.254.0.0', 16);
local.addSubnet('::', 96, 'ipv6'); // unspecified, loopback, and IPv4 in a form of old
local.addSubnet('fe80::', 10, 'ipv6');

/** Whether this is an IP address at which a machine reaches itself. */
export function isLoopback(host: string): boolean {
  return isOn(loopback, host);
}

/** Whether this is an IP address that means something else on each machine, or on each link. */
export function isLocal(host: string): boolean {
  return isOn(local, host);
}

/** The host of `host:port`, where that is an IP address and no name; null otherwise. */
export function ipOf(address: string): string | null {
  try {
    const { host } = parseAddress(address);
    return isIP(host) === 0 ? null : plainHost(host);
  } catch {
    return null;
  }
}

/** An IPv4 address as IPv4, also where the socket is one of IPv6. */
export function plainHost(host: string): string {
  const mapped = /^::ffff:([\d.]+)$/i.exec(host);
  return mapped?.[1] ?? host;
}

function isOn(list: BlockList, host: string): boolean {
  return list.check(host, isIPv6(host) ? 'ipv6' : 'ipv4');
}
