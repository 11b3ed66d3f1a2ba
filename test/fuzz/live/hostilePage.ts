import type { Frame } from '../../../src/protocol/frame.js';
import { encodeMessage } from '../../../src/protocol/messages.js';
import { mutate } from '../engine/mutate.js';
import { mutateValue } from '../engine/mutateValue.js';
import type { Random } from '../engine/random.js';
import { encodeLoosely } from './encodeLoosely.js';
import type { World } from './world.js';

/** What a peer is answered that asks for news, or for contacts. */
export function hostilePage({ message }: Frame, world: World, random: Random): Uint8Array {
  const text = Buffer.from(message).toString('latin1');
  if (text.includes('contacts')) {
    // Low ports, where nobody listens: they will be dialled.
    const contacts = world.nodeIds.map((id) => ({
      id,
      addresses: Array.from({ length: 8 }, () => `127.0.0.1:${1 + random.below(20)}`),
    }));
    return encodeMessage({ t: 'contacts', contacts });
  }
  if (!text.includes('sync')) return encodeMessage({ t: 'pong' });
  const entry = () => {
    const kind = random.pick(['record', 'manifest', 'receipt'] as const);
    const wire = random.pick(
      { record: world.records, manifest: world.manifests, receipt: world.receipts }[kind],
    );
    const bytes = mutate(wire, { random, others: [wire], head: 0, maxBytes: 60_000 });
    return { kind: random.oneIn(20) ? 'record' : kind, bytes };
  };
  const page = {
    t: 'entries',
    epoch: random.pick(['e', 'f', 'x'.repeat(64)]),
    last: random.next(),
    more: !random.oneIn(3),
    entries: Array.from({ length: random.pick([0, 1, 30, 256]) }, entry),
  };
  return encodeLoosely(random.oneIn(4) ? mutateValue(page, random) : page);
}
