// Multiply and add over GF(2^8), 16 bytes at a time: a product by a constant is two look-ups of nibbles.
// Coefficients come as tables of 32 bytes (products of 0..15, of 16 times 0..15), row after row.

const PAYLOAD: usize = 496;
const TABLE: usize = 32;

function low(bytes: v128): v128 {
  return v128.and(bytes, i8x16.splat(15));
}

function high(bytes: v128): v128 {
  return i8x16.shr_u(bytes, 4);
}

function times(table: usize, low: v128, high: v128): v128 {
  return v128.xor(i8x16.swizzle(v128.load(table), low), i8x16.swizzle(v128.load(table, 16), high));
}

function multiply4(
  k: u32,
  source: usize,
  stride: usize,
  tables: usize,
  t0: usize,
  t1: usize,
  t2: usize,
  t3: usize,
): void {
  const row = <usize>k * TABLE;
  for (let at: usize = 0; at < PAYLOAD; at += 16) {
    let s0 = i64x2.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let from = source + at;
    let table = tables;
    for (let i: u32 = 0; i < k; i++) {
      const bytes = v128.load(from);
      const l = low(bytes);
      const h = high(bytes);
      s0 = v128.xor(s0, times(table, l, h));
      s1 = v128.xor(s1, times(table + row, l, h));
      s2 = v128.xor(s2, times(table + 2 * row, l, h));
      s3 = v128.xor(s3, times(table + 3 * row, l, h));
      from += stride;
      table += TABLE;
    }
    v128.store(t0 + at, s0);
    v128.store(t1 + at, s1);
    v128.store(t2 + at, s2);
    v128.store(t3 + at, s3);
  }
}

function multiply2(
  k: u32,
  source: usize,
  stride: usize,
  tables: usize,
  t0: usize,
  t1: usize,
): void {
  const row = <usize>k * TABLE;
  for (let at: usize = 0; at < PAYLOAD; at += 16) {
    let s0 = i64x2.splat(0);
    let s1 = s0;
    let from = source + at;
    let table = tables;
    for (let i: u32 = 0; i < k; i++) {
      const bytes = v128.load(from);
      const l = low(bytes);
      const h = high(bytes);
      s0 = v128.xor(s0, times(table, l, h));
      s1 = v128.xor(s1, times(table + row, l, h));
      from += stride;
      table += TABLE;
    }
    v128.store(t0 + at, s0);
    v128.store(t1 + at, s1);
  }
}

function multiply1(k: u32, source: usize, stride: usize, tables: usize, target: usize): void {
  for (let at: usize = 0; at < PAYLOAD; at += 16) {
    let sum = i64x2.splat(0);
    let from = source + at;
    let table = tables;
    for (let i: u32 = 0; i < k; i++) {
      const bytes = v128.load(from);
      sum = v128.xor(sum, times(table, low(bytes), high(bytes)));
      from += stride;
      table += TABLE;
    }
    v128.store(target + at, sum);
  }
}

/**
 * One payload of each of `k` pieces (`source`, `stride` apart) times `rows` rows of coefficients.
 * `targets` is a list of addresses, one a row; `offset` is added to each.
 */
export function multiply(
  k: u32,
  rows: u32,
  source: usize,
  stride: usize,
  tables: usize,
  targets: usize,
  offset: usize,
): void {
  const row = <usize>k * TABLE;
  let p: u32 = 0;
  for (; p + 4 <= rows; p += 4) {
    const list = targets + <usize>p * 4;
    const t0 = <usize>load<u32>(list) + offset;
    const t1 = <usize>load<u32>(list, 4) + offset;
    const t2 = <usize>load<u32>(list, 8) + offset;
    const t3 = <usize>load<u32>(list, 12) + offset;
    multiply4(k, source, stride, tables + <usize>p * row, t0, t1, t2, t3);
  }
  if (p + 2 <= rows) {
    const list = targets + <usize>p * 4;
    const t0 = <usize>load<u32>(list) + offset;
    const t1 = <usize>load<u32>(list, 4) + offset;
    multiply2(k, source, stride, tables + <usize>p * row, t0, t1);
    p += 2;
  }
  if (p < rows) {
    const target = <usize>load<u32>(targets + <usize>p * 4) + offset;
    multiply1(k, source, stride, tables + <usize>p * row, target);
  }
}
