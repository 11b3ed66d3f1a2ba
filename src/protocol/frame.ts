import { PeerError } from '../common/errors.js';
import type { Lease } from '../common/memory.js';

/** Version of the framing, in every header. */
export const frameVersion = 1;
export const headerBytes = 16;

export const FrameKind = {
  request: 1,
  response: 2,
  /** Ends a request, or with id 0 the connection. */
  error: 3,
  progress: 4,
  notify: 5,
  cancel: 6,
} as const;
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind];

export interface FrameHeader {
  readonly kind: FrameKind;
  /** Chosen by the end that asks, unique among its open requests; 0 for what belongs to none. */
  readonly id: number;
  readonly messageLength: number;
  readonly bodyLength: number;
}

export interface Frame {
  readonly kind: FrameKind;
  readonly id: number;
  /** CBOR; empty for `cancel`. */
  readonly message: Uint8Array;
  /** Raw bytes, lent: whoever is done with them gives them back. */
  readonly body: Lease;
}

const kinds = new Set<number>(Object.values(FrameKind));
const noBytes = new Uint8Array(0);

/** Header and message in one buffer, then the body as it was given, not copied; an empty body is left out. */
export function encodeFrame(
  kind: FrameKind,
  id: number,
  message: Uint8Array = noBytes,
  body: Uint8Array = noBytes,
): Uint8Array[] {
  const head = new Uint8Array(headerBytes + message.byteLength);
  const view = new DataView(head.buffer);
  view.setUint8(0, frameVersion);
  view.setUint8(1, kind);
  view.setUint32(4, id, true);
  view.setUint32(8, message.byteLength, true);
  view.setUint32(12, body.byteLength, true);
  head.set(message, headerBytes);
  return body.byteLength === 0 ? [head] : [head, body];
}

/** @throws {PeerError} `unsupported` for another version, `protocol` for what is no header. */
export function decodeHeader(bytes: Uint8Array): FrameHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, headerBytes);
  if (view.getUint8(0) !== frameVersion) {
    throw new PeerError('unsupported', 'The other end speaks another version of the protocol.');
  }
  const kind = view.getUint8(1);
  if (!isKind(kind) || view.getUint16(2, true) !== 0) {
    throw new PeerError('protocol', 'A frame has an unknown kind or flags.');
  }
  return {
    kind,
    id: view.getUint32(4, true),
    messageLength: view.getUint32(8, true),
    bodyLength: view.getUint32(12, true),
  };
}

function isKind(kind: number): kind is FrameKind {
  return kinds.has(kind);
}
