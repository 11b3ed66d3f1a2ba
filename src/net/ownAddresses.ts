import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os';

/** Addresses of this machine, of all its interfaces; none where the system does not tell. */
export function ownAddresses(): readonly NetworkInterfaceInfo[] {
  try {
    return Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  } catch {
    return []; // some systems forbid it
  }
}
