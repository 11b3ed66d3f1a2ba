/** XXH32 with seed 0, as its specification has it: slow, and independent of the kernel. */
export function xxh32(bytes: Uint8Array): number {
  const [p1, p2, p3, p4, p5] = [0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f, 0x165667b1];
  const data = Buffer.from(bytes);
  const mul = Math.imul;
  const turn = (value: number, by: number): number => (value << by) | (value >>> (32 - by));
  let at = 0;
  let hash = p5;
  if (data.length >= 16) {
    const lanes = [(p1 + p2) | 0, p2, 0, -p1];
    for (; at + 16 <= data.length; at += 16) {
      lanes.forEach((lane, index) => {
        const word = data.readInt32LE(at + 4 * index);
        lanes[index] = mul(turn((lane + mul(word, p2)) | 0, 13), p1);
      });
    }
    const [a = 0, b = 0, c = 0, d = 0] = lanes;
    hash = turn(a, 1) + turn(b, 7) + turn(c, 12) + turn(d, 18);
  }
  hash = (hash + data.length) | 0;
  for (; at + 4 <= data.length; at += 4) {
    hash = mul(turn((hash + mul(data.readInt32LE(at), p3)) | 0, 17), p4);
  }
  for (; at < data.length; at++) {
    hash = mul(turn((hash + mul(data.readUInt8(at), p5)) | 0, 11), p1);
  }
  hash = mul(hash ^ (hash >>> 15), p2);
  hash = mul(hash ^ (hash >>> 13), p3);
  return (hash ^ (hash >>> 16)) >>> 0;
}
