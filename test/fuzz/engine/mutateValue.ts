import { decode, encode } from 'cborg';
import type { Random } from './random.js';

/** Where arithmetic, lengths and ids have their edges. */
const integers = [
  ...[0, 1, -1, 2, 23, 24, 254, 255, 256, 1057, 4096, 65_535, 65_536],
  ...[2 ** 26 - 1, 2 ** 26, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32],
  ...[Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
];

/** Names, paths, patterns and numbers in words, of the kind that somebody sends who means harm. */
const texts = [
  ...['', '.', '..', '/', '../x', 'a/../b', '.git', 'CON', 'a:b', 'a\\b', 'a.', '~', '%00', '-'],
  ...['\0', '\n', '\u202e', '\u200c', '\ufeff', 'İ', 'ß', 'e\u0301', '\u{1f4a9}'],
  ...['__proto__', 'constructor', 'toString', 't', 'v', '0', '-1', '1e9', 'null', '[]', '{}'],
  ...['*', '**/', '/**', '?', '[', '[z-a]', '[!a]', '\\', '!', '#', '(a+)+$', 'a*a*a*b'],
  ...['127.0.0.1:1', '[::1]:0', 'host:65536', 'CP1-', '0123456789abcdef'.repeat(2)],
];

/** A copy of a decoded value with something in it changed. */
export function mutateValue(value: unknown, random: Random): unknown {
  if (random.oneIn(12)) return someValue(random);
  if (value instanceof Uint8Array) return mutateBytes(value, random);
  if (Array.isArray(value)) return mutateList(value, random);
  if (typeof value === 'object' && value !== null) return mutateMap(value, random);
  if (typeof value === 'number')
    return random.oneIn(3) ? value + random.pick([1, -1]) : pickInteger(random);
  if (typeof value === 'string') return mutateText(value, random);
  if (typeof value === 'boolean' && !random.oneIn(4)) return !value;
  return someValue(random);
}

function mutateList(list: readonly unknown[], random: Random): unknown[] {
  const copy = [...list];
  const at = random.below(list.length);
  switch (random.below(list.length === 0 ? 1 : 8)) {
    case 0:
      copy.splice(at, 0, someValue(random));
      break;
    case 1:
      copy.splice(at, 1);
      break;
    case 2:
      copy.splice(at, 0, ...Array<unknown>(1 + random.below(random.pick([2, 300]))).fill(list[at]));
      break;
    case 3:
      copy[at] = list[random.below(list.length)];
      break;
    default:
      copy[at] = mutateValue(list[at], random);
  }
  return copy;
}

function mutateMap(map: object, random: Random): object {
  const entries = Object.entries(map) as [string, unknown][];
  const at = random.below(entries.length);
  const [key, value] = entries[at] ?? ['', null];
  switch (random.below(entries.length === 0 ? 1 : 10)) {
    case 0:
      entries.push([random.pick(texts), someValue(random)]);
      break;
    case 1:
      entries.splice(at, 1);
      break;
    case 2:
      entries[at] = [random.pick(texts), value];
      break;
    default:
      entries[at] = [key, mutateValue(value, random)];
  }
  return Object.fromEntries(entries);
}

/** Bytes are often a structure of their own: what is signed is. */
function mutateBytes(bytes: Uint8Array, random: Random): Uint8Array {
  if (bytes.byteLength > 1 && !random.oneIn(4)) {
    try {
      const inner: unknown = decode(bytes);
      if (typeof inner === 'object') return encode(mutateValue(inner, random));
    } catch {
      // Bytes and nothing else.
    }
  }
  if (random.oneIn(3))
    return random.bytes(random.pick([0, 1, 15, 16, 17, 31, 32, 33, 64, 65, 600]));
  const copy = Uint8Array.from(bytes);
  const at = random.below(copy.byteLength);
  if (copy.byteLength > 0) copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
  return copy;
}

function mutateText(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  switch (random.below(5)) {
    case 0:
      return random.pick(texts);
    case 1:
      return text.slice(0, at) + text.slice(at + 1 + random.below(4));
    case 2:
      return text.repeat(1 + random.below(random.pick([3, 60])));
    case 3:
      return text.slice(0, at) + String.fromCodePoint(random.below(0x3000)) + text.slice(at);
    default:
      return text.slice(0, at) + random.pick(texts) + text.slice(at);
  }
}

function someValue(random: Random): unknown {
  const kinds = [
    () => null,
    () => random.oneIn(2),
    () => pickInteger(random),
    () => random.pick(texts),
    () => random.bytes(random.pick([0, 16, 32, 64, 65])),
    () => [],
    () => ({}),
    () => [pickInteger(random), random.pick(texts)],
    () => nested(2 + random.below(random.pick([10, 300]))),
  ];
  return random.pick(kinds)();
}

function pickInteger(random: Random): number {
  return random.oneIn(2) ? random.pick(integers) : random.below(300);
}

function nested(levels: number): unknown {
  return levels === 0 ? null : [nested(levels - 1)];
}
