/** The host of `host:port`, as it is written: an IPv6 address keeps its brackets. */
export function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':'));
}
