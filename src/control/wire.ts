/** What both ends of the control channel agree on beside the contract: the greeting, and errors. */
import type { Socket } from 'node:net';
import {
  createMessageConnection,
  Message,
  ResponseError,
  SocketMessageReader,
  SocketMessageWriter,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import * as z from 'zod';
import { PeerError, type ErrorInfo } from '../common/errors.js';

/** First request: the server proves the secret. */
export const helloMethod = '$hello';
/** Second request: the client proves it. Nothing else is answered before. */
export const proveMethod = '$prove';

const nonce = z.string().regex(/^[0-9a-f]{32}$/);
const proof = z.string().regex(/^[0-9a-f]{64}$/);
export const helloParams = z.object({
  nonce,
  min: z.number().int().positive(),
  max: z.number().int().positive(),
});
export const helloResult = z.object({
  nonce,
  proof,
  version: z.number().int().positive(),
  peerVersion: z.string().max(64),
});
export const proveParams = z.object({ proof });

/** A result that is JSON already, and goes out as it is: quoted, it would be escaped here and parsed twice there. */
export class JsonText {
  constructor(readonly text: string) {}
}

/** JSON-RPC over a socket; nothing is read before `listen`. */
export function messageChannel(socket: Socket): MessageConnection {
  const reader = new SocketMessageReader(socket);
  // Its timer for messages that never become whole outlives the socket, and keeps the process from ending.
  reader.partialMessageTimeout = 0;
  const contentTypeEncoder = {
    name: 'application/json',
    encode: (message: Message) => Promise.resolve(Buffer.from(jsonOf(message))),
  };
  return createMessageConnection(reader, new SocketMessageWriter(socket, { contentTypeEncoder }));
}

function jsonOf(message: Message): string {
  if (!Message.isResponse(message) || !(message.result instanceof JsonText)) {
    return JSON.stringify(message);
  }
  const { result, ...rest } = message;
  return `${JSON.stringify(rest).slice(0, -1)},"result":${result.text}}`;
}

/** Number of JSON-RPC errors that carry an {@link ErrorInfo} as data. */
const peerErrorNumber = -32_000;

const errorData = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string().optional(),
  details: z.record(z.string(), z.unknown()).optional(),
});

export function toResponseError(error: unknown): ResponseError<ErrorInfo> {
  const info = PeerError.from(error).toInfo();
  return new ResponseError(peerErrorNumber, info.message, info);
}

export function fromResponseError(error: unknown): PeerError {
  if (error instanceof ResponseError) {
    const parsed = errorData.safeParse(error.data);
    if (parsed.success) {
      return PeerError.fromInfo(parsed.data as ErrorInfo);
    }
  }
  return new PeerError('closed', 'The peer process went away.', { cause: error });
}
