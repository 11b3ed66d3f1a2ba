const factors: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
};

/** `10GiB`, `1.5 TB`, `500000` as whole bytes; null for anything else. */
export function parseByteSize(text: string): number | null {
  const match = /^(\d{1,15}(?:\.\d{1,6})?)\s*([a-z]{0,3})$/i.exec(text.trim());
  const factor = factors[(match?.[2] ?? '').toUpperCase()];
  if (match?.[1] === undefined || factor === undefined) return null;
  const bytes = Math.floor(Number(match[1]) * factor);
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** The same, or `unlimited`, which is null; undefined for anything else. */
export function parseLimit(text: string): number | null | undefined {
  if (text.trim().toLowerCase() === 'unlimited') return null;
  return parseByteSize(text) ?? undefined;
}
