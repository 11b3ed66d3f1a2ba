import { isIPv6 } from 'node:net';
import { PeerError } from '../common/errors.js';

export interface HostPort {
  /** Name or address, without brackets. */
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `host:port` or `[ipv6]:port`. Port 0 is allowed: to listen, it means any.
 *
 * @throws {PeerError} `usage`
 */
export function parseAddress(text: string): HostPort {
  const match = /^(?:\[([^\][\s]{2,64})\]|([A-Za-z0-9._-]{1,253})):(\d{1,5})$/.exec(text.trim());
  const [, bracketed, plain, digits] = match ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  const valid = bracketed === undefined || isIPv6(bracketed);
  if (host === undefined || !valid || port > 0xffff) {
    throw new PeerError('usage', `“${text.slice(0, 80)}” is not an address.`, {
      hint: 'Write host:port, such as 192.0.2.7:41700 or [2001:db8::7]:41700.',
    });
  }
  return { host, port };
}

export function formatAddress(host: string, port: number): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${String(port)}`;
}
