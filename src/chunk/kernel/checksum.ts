// XXH32 of a chunk: its payload, then the first 12 bytes of its header. 508 bytes: 31 stripes of 16 and
// 3 words. The four lanes of XXH32 lie in one vector; four chunks at a time hide the multiplier's latency.

const PRIME_1: u32 = 0x9e3779b1;
const PRIME_2: u32 = 0x85ebca77;
const PRIME_3: u32 = 0xc2b2ae3d;
const PRIME_4: u32 = 0x27d4eb2f;

const LENGTH: u32 = 508;

function start(): v128 {
  return i32x4(<i32>(PRIME_1 + PRIME_2), <i32>PRIME_2, 0, <i32>(0 - PRIME_1));
}

function round(lanes: v128, stripe: v128): v128 {
  const sum = i32x4.add(lanes, i32x4.mul(stripe, i32x4.splat(<i32>PRIME_2)));
  const turned = v128.or(i32x4.shl(sum, 13), i32x4.shr_u(sum, 19));
  return i32x4.mul(turned, i32x4.splat(<i32>PRIME_1));
}

function finish(lanes: v128, chunk: usize): u32 {
  let hash: u32 = rotl<u32>(<u32>i32x4.extract_lane(lanes, 0), 1);
  hash += rotl<u32>(<u32>i32x4.extract_lane(lanes, 1), 7);
  hash += rotl<u32>(<u32>i32x4.extract_lane(lanes, 2), 12);
  hash += rotl<u32>(<u32>i32x4.extract_lane(lanes, 3), 18);
  hash += LENGTH;
  hash = rotl<u32>(hash + load<u32>(chunk) * PRIME_3, 17) * PRIME_4;
  hash = rotl<u32>(hash + load<u32>(chunk, 4) * PRIME_3, 17) * PRIME_4;
  hash = rotl<u32>(hash + load<u32>(chunk, 8) * PRIME_3, 17) * PRIME_4;
  hash = (hash ^ (hash >> 15)) * PRIME_2;
  hash = (hash ^ (hash >> 13)) * PRIME_3;
  return hash ^ (hash >> 16);
}

/** Checksum of one chunk. */
export function checksum(chunk: usize): u32 {
  let lanes = start();
  for (let at = chunk + 16, end = chunk + 512; at < end; at += 16) {
    lanes = round(lanes, v128.load(at));
  }
  return finish(lanes, chunk);
}

/** Checksums of four chunks, one after the other, to `target`. */
export function checksum4(chunk: usize, target: usize): void {
  let a = start();
  let b = a;
  let c = a;
  let d = a;
  for (let at = chunk + 16, end = chunk + 512; at < end; at += 16) {
    a = round(a, v128.load(at));
    b = round(b, v128.load(at, 512));
    c = round(c, v128.load(at, 1024));
    d = round(d, v128.load(at, 1536));
  }
  store<u32>(target, finish(a, chunk));
  store<u32>(target, finish(b, chunk + 512), 4);
  store<u32>(target, finish(c, chunk + 1024), 8);
  store<u32>(target, finish(d, chunk + 1536), 12);
}
