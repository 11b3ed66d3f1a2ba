import { createHmac } from 'node:crypto';
import { fromHex } from '../common/bytes.js';

const label = 'chunk-partitioner/1/nearby';
const tagBytes = 16;

export interface Nearby {
  /** Hex. Known to members, and to those who hold or held an invite. */
  readonly groupId: string;
  /** Who is there, hex. */
  readonly nodeId: string;
  /** Name of the announcement, chosen at random each time. */
  readonly instance: string;
  readonly port: number;
}

/** By this the members of a group know whose announcement it is. To all others it is random, and another one each time. */
export function nearbyTag({ groupId, nodeId, instance, port }: Nearby): string {
  const mac = createHmac('sha256', fromHex(groupId))
    .update(`${label}\0`)
    .update(fromHex(nodeId))
    .update(Uint8Array.of(port & 0xff, port >> 8))
    .update(instance)
    .digest();
  return mac.subarray(0, tagBytes).toString('base64url');
}
