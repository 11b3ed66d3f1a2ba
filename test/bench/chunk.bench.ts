/**
 * What one core does with a segment: `node --import tsx test/bench/chunk.bench.ts [seconds per line]`,
 * after `npm run build:kernel`. Figures are GiB of plaintext a second, medians of five rounds.
 */
import { readFileSync } from 'node:fs';
import { openSegment, sealSegment } from '../../src/chunk/cipher.js';
import { codingMatrix, pickRows, recoveryRows } from '../../src/chunk/erasure.js';
import { geometryFor, sealedBytes, segmentCapacity } from '../../src/chunk/geometry.js';
import { Kernel } from '../../src/chunk/kernel.js';
import { SegmentCodec } from '../../src/chunk/segment.js';

const kernel = Kernel.create(new WebAssembly.Module(readFileSync('dist/kernel.wasm')));
const budget = Number(process.argv[2] ?? 1) * 1e9;
const rounds = 5;

function measure(label: string, bytes: number, work: () => unknown): void {
  work();
  const rates: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = process.hrtime.bigint();
    let count = 0;
    let elapsed: number;
    do {
      work();
      count++;
      elapsed = Number(process.hrtime.bigint() - start);
    } while (elapsed < budget / rounds);
    rates.push((bytes * count) / elapsed / 1.073741824);
  }
  rates.sort((a, b) => a - b);
  const median = rates[Math.floor(rounds / 2)] ?? 0;
  process.stdout.write(`${label.padEnd(44)}${median.toFixed(2).padStart(7)}\n`);
}

function range(count: number, from = 0): number[] {
  return Array.from({ length: count }, (_, index) => from + index);
}

for (const [k, m] of [
  [1, 1],
  [2, 2],
  [3, 3],
  [4, 6],
] as const) {
  const g = geometryFor(2 ** 30, k, m);
  const shareId = new Uint8Array(16).fill(1);
  const key = new Uint8Array(32).fill(2);
  const codec = new SegmentCodec(kernel, { shareId, geometry: g });
  const plaintext = new Uint8Array(segmentCapacity(g, 0)).fill(3);
  const sealed = sealSegment(key, shareId, 0, false, plaintext);
  const n = k === 1 ? 1 : k + m;
  const coding = codingMatrix(k, n);
  const parity = pickRows(coding, range(n - k, k));
  const name = { tag: 1, shard: 0, index: 0 };
  const size = plaintext.byteLength;
  const title = `${k}+${m}`;
  measure(`${title} kernel: cut, code, checksum`, size, () =>
    kernel.encode(k, parity, g.q, name, sealedBytes(g, 0), (target) => {
      target.set(sealed);
    }),
  );
  measure(`${title} codec: the same with AES-256-GCM`, size, () => codec.encode(0, plaintext, key));
  const pieces = codec.encode(0, plaintext, key);
  const none = recoveryRows(coding, range(k), []);
  measure(`${title} kernel: join data pieces`, size, () =>
    kernel.decode(pieces.slice(0, k), [], none, g.q),
  );
  const first = new Map(pieces.slice(0, k).entries());
  measure(`${title} codec: decode of data pieces`, size, () => codec.decode(0, first, key));
  if (k > 1) {
    const lost = Math.min(k, m);
    const kept = new Map(range(k, lost).map((shard) => [shard, pieces[shard] ?? plaintext]));
    measure(`${title} codec: decode with ${lost} data pieces lost`, size, () =>
      codec.decode(0, kept, key),
    );
    measure(`${title} codec: rebuild of a piece (of a segment)`, size, () =>
      codec.rebuild(0, kept, 0),
    );
  }
  const [piece = plaintext] = pieces;
  measure(`${title} codec: check of a piece`, piece.byteLength, () =>
    codec.checkPiece(0, 0, piece),
  );
  if (k === 4) {
    measure('AES-256-GCM alone, 1 MiB, seal', size, () =>
      sealSegment(key, shareId, 0, false, plaintext),
    );
    measure('AES-256-GCM alone, 1 MiB, open', size, () =>
      openSegment(key, { shareId, segment: 0, last: false }, sealed),
    );
  }
}
