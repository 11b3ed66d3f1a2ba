import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { encodeCbor } from '../../../src/chunk/cbor.js';
import { RecoveryLog } from '../../../src/store/state/recoveryLog.js';
import { scratchFolder } from '../scratch.js';
import { unlessRefused, type FuzzTarget } from '../target.js';

/** Frames as they lie on the disk; an odd first byte is the payload of one, whose digest is right. */
export const recoveryLog: FuzzTarget = {
  name: 'recovery-log',
  head: 1,
  seeds: () => {
    const payload = encodeCbor([2, 'group', 'ab'.repeat(32)]);
    return [
      Buffer.concat([Buffer.of(0), frame(payload), frame(encodeCbor([1, new Uint8Array(9)]))]),
      Buffer.concat([Buffer.of(1), payload]),
    ];
  },
  run: (input) => {
    const rest = input.subarray(1);
    const file = path.join(scratchFolder(), 'recovery.log');
    writeFileSync(file, ((input[0] ?? 0) & 1) === 1 ? frame(rest) : rest);
    unlessRefused(['protocol', 'limit'], () => {
      new RecoveryLog(file).close();
    });
  },
};

function frame(payload: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(payload.byteLength);
  return Buffer.concat([length, createHash('sha256').update(payload).digest(), payload]);
}
