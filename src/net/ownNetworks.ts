import { BlockList } from 'node:net';
import { ownAddresses, type OwnAddress } from './ownAddresses.js';

/** The IPv4 networks that this machine is on. */
export function ownNetworks(own: readonly OwnAddress[] = ownAddresses()): BlockList {
  const networks = new BlockList();
  for (const { family, address, cidr } of own) {
    if (family === 'IPv4') networks.addSubnet(address, Number(cidr?.split('/')[1] ?? 32));
  }
  return networks;
}
