import { decodeFirst, encode } from 'cborg';
import { mutateValue } from './mutateValue.js';
import type { Random } from './random.js';

/**
 * Changes an input in one to four places: half of the time as the sequence of CBOR items that most inputs are behind
 * their first `head` bytes, else as bytes.
 */
export function mutate(
  input: Uint8Array,
  {
    random,
    others,
    head,
    maxBytes,
  }: {
    readonly random: Random;
    /** Inputs from which parts may be taken. */
    readonly others: readonly Uint8Array[];
    readonly head: number;
    readonly maxBytes: number;
  },
): Uint8Array {
  let bytes = input;
  for (let round = 1 + random.below(4); round > 0; round--) {
    const items = random.oneIn(2) ? null : readItems(bytes.subarray(head));
    const next =
      items === null
        ? mutateBytes(bytes, random, others)
        : Buffer.concat([bytes.subarray(0, head), ...writeItems(items, random, others)]);
    if (next.byteLength <= maxBytes) bytes = next;
  }
  return new Uint8Array(bytes);
}

function writeItems(
  items: readonly unknown[],
  random: Random,
  others: readonly Uint8Array[],
): Uint8Array[] {
  const changed = items.length === 1 ? [mutateValue(items[0], random)] : mutateItems(items, random);
  try {
    return changed.map((item) => encode(item));
  } catch {
    return [random.pick(others)];
  }
}

function mutateItems(items: readonly unknown[], random: Random): unknown[] {
  const changed = mutateValue(items, random);
  return Array.isArray(changed) ? (changed as unknown[]) : [changed];
}

/** The items of a sequence; null when it is none. */
function readItems(bytes: Uint8Array): unknown[] | null {
  const items: unknown[] = [];
  try {
    let rest = bytes;
    while (rest.byteLength > 0) {
      const [item, after] = decodeFirst(rest) as [unknown, Uint8Array];
      items.push(item);
      rest = after;
    }
    return items.length === 0 ? null : items;
  } catch {
    return null;
  }
}

function mutateBytes(input: Uint8Array, random: Random, others: readonly Uint8Array[]): Uint8Array {
  const at = random.below(input.byteLength + 1);
  const length = random.below(random.pick([2, 5, 40, 400]));
  const before = input.subarray(0, at);
  const copy = Uint8Array.from(input);
  switch (random.below(7)) {
    case 0:
      return input.subarray(0, at);
    case 1:
      return Buffer.concat([before, input.subarray(at + length)]);
    case 2:
      return Buffer.concat([before, random.bytes(length), input.subarray(at)]);
    case 3:
      return Buffer.concat([before, input.subarray(at, at + length), input.subarray(at)]);
    case 4: {
      const other = random.pick(others);
      const from = random.below(other.byteLength);
      return Buffer.concat([before, other.subarray(from, from + length), input.subarray(at)]);
    }
    case 5:
      copy.fill(random.pick([0, 0x7f, 0x80, 0x81, 0x9b, 0xff]), at, at + length);
      return copy;
    default:
      if (at < copy.byteLength) copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
      return copy;
  }
}
