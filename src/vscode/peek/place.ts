/**
 * An offset as people write it: `4096`, `1,000,000`, `0x1f00`, `50%`, or `-1000` from the end. Kept within a file of `size`
 * bytes; undefined when it is none.
 */
export function parseOffset(text: string, size: number): number | undefined {
  const plain = text.replace(/[\s,_\u2019']/g, '');
  const last = Math.max(0, size - 1);
  const percent = /^(\d{1,3}(?:\.\d+)?)%$/.exec(plain)?.[1];
  if (percent !== undefined) return within((Number(percent) / 100) * size, last);
  if (/^0x[0-9a-f]{1,13}$/i.test(plain)) return within(Number(plain), last);
  if (/^-\d{1,15}$/.test(plain)) return within(size + Number(plain), last);
  if (/^\d{1,15}$/.test(plain)) return within(Number(plain), last);
  return undefined;
}

/** The number of a line, from 1 on; undefined when it is none. */
export function parseLine(text: string): number | undefined {
  const plain = text.replace(/[\s,_\u2019':]/g, '');
  const line = /^\d{1,15}$/.test(plain) ? Number(plain) : 0;
  return line >= 1 ? line : undefined;
}

function within(offset: number, last: number): number {
  return Math.min(last, Math.max(0, Math.floor(offset)));
}
