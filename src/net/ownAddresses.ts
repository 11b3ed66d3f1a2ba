import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os';

export type OwnAddress = NetworkInterfaceInfo & { readonly interfaceName: string };

/** Addresses of this machine, of all its interfaces; none where the system does not tell. */
export function ownAddresses(): readonly OwnAddress[] {
  try {
    return Object.entries(networkInterfaces()).flatMap(([interfaceName, list]) =>
      (list ?? []).map((one) => ({ ...one, interfaceName })),
    );
  } catch {
    return []; // some systems forbid it
  }
}
