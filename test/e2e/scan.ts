import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Every regular file below a folder, with its path. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/**
 * Length of the longest run of bytes of `content` that is found anywhere in `data`, at whatever place; runs
 * shorter than 7 bytes may be missed. `content` is random: its aligned words hardly repeat.
 */
export function longestRun(content: Buffer, data: Buffer): number {
  const places = new Map<number, number>();
  const seen = new Uint8Array(1 << 24); // by the low 24 bits: most words need no look into the map
  for (let at = 0; at + 4 <= content.length; at += 4) {
    const word = content.readUInt32LE(at);
    places.set(word, at);
    seen[word & 0xff_ffff] = 1;
  }
  let longest = 0;
  for (let at = 0; at + 4 <= data.length; at += 1) {
    const low = (data[at] ?? 0) | ((data[at + 1] ?? 0) << 8) | ((data[at + 2] ?? 0) << 16);
    if (seen[low] === 0) continue;
    const place = places.get(data.readUInt32LE(at));
    if (place === undefined) continue;
    let before = 0;
    while (before < Math.min(at, place) && data[at - before - 1] === content[place - before - 1]) {
      before += 1;
    }
    let after = 0;
    while (at + after < data.length && place + after < content.length) {
      if (data[at + after] !== content[place + after]) break;
      after += 1;
    }
    longest = Math.max(longest, before + after);
    at += after; // the rest of this run is counted already
  }
  return longest;
}
