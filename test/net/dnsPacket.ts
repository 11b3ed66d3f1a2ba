/** Packets of multicast DNS as others write them, byte for byte: RFC 1035, without compression. */

export type DnsRecord = Uint8Array;

const classIn = 1;
const types = { ptr: 12, txt: 16, srv: 33 };

export const record = {
  ptr: (at: string, to: string, ttl = 120): DnsRecord => resource(at, types.ptr, ttl, name(to)),
  txt: (at: string, strings: readonly string[], ttl = 120): DnsRecord =>
    resource(at, types.txt, ttl, Buffer.concat(strings.map(label))),
  srv: (at: string, target: string, port: number, ttl = 120): DnsRecord =>
    resource(at, types.srv, ttl, Buffer.concat([Buffer.alloc(4), uint16(port), name(target)])),
};

/** An answer that nobody asked for. */
export function answer(records: readonly DnsRecord[]): Uint8Array {
  return Buffer.concat([header(0x8400, 0, records.length), ...records]);
}

/** The same question, as often as wanted. */
export function ask(about: string, times = 1): Uint8Array {
  const question = Buffer.concat([name(about), uint16(types.ptr), uint16(classIn)]);
  return Buffer.concat([header(0, times, 0), ...Array.from({ length: times }, () => question)]);
}

function header(flags: number, questions: number, answers: number): Uint8Array {
  return Buffer.concat([0, flags, questions, answers, 0, 0].map(uint16));
}

function resource(at: string, type: number, ttl: number, data: Uint8Array): Uint8Array {
  const parts = [name(at), uint16(type), uint16(classIn), uint16(0), uint16(ttl)];
  return Buffer.concat([...parts, uint16(data.byteLength), data]);
}

function name(text: string): Uint8Array {
  return Buffer.concat([...text.split('.').map(label), Buffer.alloc(1)]);
}

function label(text: string): Uint8Array {
  const bytes = Buffer.from(text);
  return Buffer.concat([Uint8Array.of(bytes.byteLength), bytes]);
}

function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}
