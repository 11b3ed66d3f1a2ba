// The inner loops on chunks. No allocation, no imports: the caller lays out the memory above `heapBase` and
// passes addresses and sizes that it has checked. Integers are little endian. See FORMAT.md for the header.

import { checksum, checksum4 } from './checksum';
import { multiply } from './galois';

const CHUNK: usize = 512;
const HEADER: usize = 16;
const PAYLOAD: usize = 496;
/** Format version 1 in bits 0 to 7, payload length 496 in bits 16 to 31; the shard goes between them. */
const FIRST_WORD: u32 = 1 | (496 << 16);

/** First free address. */
export function heapBase(): usize {
  return (__heap_base + 63) & ~63;
}

function copyPayload(target: usize, source: usize): void {
  for (let at: usize = 0; at < PAYLOAD; at += 16) {
    v128.store(target + at, v128.load(source + at));
  }
}

/** Writes headers and checksums of `count` (at most 4) chunks in a row, whose payloads are in place. */
function finishChunks(chunk: usize, count: u32, tag: u32, shard: u32, index: u32): void {
  const first = FIRST_WORD | (shard << 8);
  for (let c: u32 = 0; c < count; c++) {
    const at = chunk + <usize>c * CHUNK;
    store<u32>(at, first);
    store<u32>(at, tag, 4);
    store<u32>(at, index + c, 8);
  }
  if (count == 4) {
    const sums = scratch();
    checksum4(chunk, sums);
    store<u32>(chunk, load<u32>(sums), 12);
    store<u32>(chunk, load<u32>(sums, 4), 512 + 12);
    store<u32>(chunk, load<u32>(sums, 8), 1024 + 12);
    store<u32>(chunk, load<u32>(sums, 12), 1536 + 12);
  } else {
    for (let c: u32 = 0; c < count; c++) {
      const at = chunk + <usize>c * CHUNK;
      store<u32>(at, checksum(at), 12);
    }
  }
}

/** Room for the checksums of four chunks. */
function scratch(): usize {
  return memory.data(16, 16);
}

/**
 * Cuts a sealed segment (`sealed`, k·chunks·496 bytes) into k data pieces at `pieces` (chunks·512 bytes each)
 * and computes `m` parity pieces behind them: one pass, four chunks at a time. `targets` has room for m
 * addresses.
 */
export function encode(
  k: u32,
  m: u32,
  chunks: u32,
  tag: u32,
  index: u32,
  sealed: usize,
  pieces: usize,
  tables: usize,
  targets: usize,
): void {
  const stride = <usize>chunks * CHUNK;
  for (let p: u32 = 0; p < m; p++) {
    store<u32>(targets + <usize>p * 4, <u32>(pieces + <usize>(k + p) * stride));
  }
  for (let j: u32 = 0; j < chunks; j += 4) {
    const count = min<u32>(4, chunks - j);
    const offset = <usize>j * CHUNK;
    for (let i: u32 = 0; i < k; i++) {
      const source = sealed + (<usize>i * chunks + j) * PAYLOAD;
      const target = pieces + <usize>i * stride + offset;
      for (let c: u32 = 0; c < count; c++) {
        copyPayload(target + <usize>c * CHUNK + HEADER, source + <usize>c * PAYLOAD);
      }
      finishChunks(target, count, tag, i, index + j);
    }
    if (m > 0) {
      for (let c: u32 = 0; c < count; c++) {
        const at = offset + <usize>c * CHUNK + HEADER;
        multiply(k, m, pieces + at, stride, tables, targets, at);
      }
      for (let p: u32 = 0; p < m; p++) {
        const target = pieces + <usize>(k + p) * stride + offset;
        finishChunks(target, count, tag, k + p, index + j);
      }
    }
  }
}

/** Copies the payloads of a piece one after the other. */
export function strip(chunks: u32, piece: usize, target: usize): void {
  for (let j: u32 = 0; j < chunks; j++) {
    copyPayload(target + <usize>j * PAYLOAD, piece + <usize>j * CHUNK + HEADER);
  }
}

/**
 * Recovers payloads from any k pieces (`pieces`, chunks·512 bytes each): `rows` rows of coefficients, to the
 * addresses in `targets`, where the payloads follow one another.
 */
export function recover(
  k: u32,
  rows: u32,
  chunks: u32,
  pieces: usize,
  tables: usize,
  targets: usize,
): void {
  const stride = <usize>chunks * CHUNK;
  for (let j: u32 = 0; j < chunks; j++) {
    const source = pieces + <usize>j * CHUNK + HEADER;
    multiply(k, rows, source, stride, tables, targets, <usize>j * PAYLOAD);
  }
}

/** Recovers one whole piece, headers included, from any k pieces. `targets` has room for one address. */
export function rebuild(
  k: u32,
  chunks: u32,
  tag: u32,
  shard: u32,
  index: u32,
  pieces: usize,
  target: usize,
  tables: usize,
  targets: usize,
): void {
  const stride = <usize>chunks * CHUNK;
  store<u32>(targets, <u32>target);
  for (let j: u32 = 0; j < chunks; j += 4) {
    const count = min<u32>(4, chunks - j);
    for (let c: u32 = 0; c < count; c++) {
      const at = <usize>(j + c) * CHUNK + HEADER;
      multiply(k, 1, pieces + at, stride, tables, targets, at);
    }
    finishChunks(target + <usize>j * CHUNK, count, tag, shard, index + j);
  }
}

function headerFits(chunk: usize, tag: u32, shard: u32, index: u32): bool {
  return (
    load<u32>(chunk) == (FIRST_WORD | (shard << 8)) &&
    load<u32>(chunk, 4) == tag &&
    load<u32>(chunk, 8) == index
  );
}

/** Writes the positions of the chunks with a wrong header or checksum to `list`; answers how many. */
export function check(
  chunks: u32,
  tag: u32,
  shard: u32,
  index: u32,
  piece: usize,
  list: usize,
): u32 {
  let bad: u32 = 0;
  const sums = scratch();
  for (let j: u32 = 0; j < chunks; j += 4) {
    const count = min<u32>(4, chunks - j);
    const first = piece + <usize>j * CHUNK;
    if (count == 4) {
      checksum4(first, sums);
    } else {
      for (let c: u32 = 0; c < count; c++) {
        store<u32>(sums + <usize>c * 4, checksum(first + <usize>c * CHUNK));
      }
    }
    for (let c: u32 = 0; c < count; c++) {
      const chunk = first + <usize>c * CHUNK;
      const sum = load<u32>(sums + <usize>c * 4);
      if (sum != load<u32>(chunk, 12) || !headerFits(chunk, tag, shard, index + j + c)) {
        store<u32>(list + <usize>bad * 4, j + c);
        bad += 1;
      }
    }
  }
  return bad;
}
