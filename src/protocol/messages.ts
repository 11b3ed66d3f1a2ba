/** Messages ⇄ CBOR: the table of everything that one peer may ask another. See PROTOCOL.md. Pure. */
import * as z from 'zod';
import { PeerError } from '../common/errors.js';
import { decodeCbor, encodeCbor } from './cbor.js';
import { codeOfWireNumber, errorForWire, plainText } from './errorCodes.js';
import { uint } from './fields.js';
import { messageLimits } from './limits.js';
import * as dialBack from './messages/dialBack.js';
import * as download from './messages/download.js';
import * as handshake from './messages/handshake.js';
import * as repair from './messages/repair.js';
import * as space from './messages/space.js';
import * as sync from './messages/sync.js';
import * as upload from './messages/upload.js';

/** Range of versions of the messages that this code speaks; the two ends settle on the highest in common. */
export const messageVersions = { min: 1, max: 1 } as const;

/** Whether a frame must carry a body. */
type Body = 'none' | 'required';
interface Definition {
  readonly request: z.ZodType;
  readonly requestBody: Body;
  readonly response: z.ZodType;
  readonly responseBody: Body;
  /** The only requests before admission. */
  readonly handshake: boolean;
  /** Whether the answer may take much: room for it is kept before it is made. */
  readonly longAnswer: boolean;
}
const usual = {
  requestBody: 'none',
  responseBody: 'none',
  handshake: false,
  longAnswer: false,
} as const;

const definitions = {
  hello: {
    ...usual,
    request: handshake.helloSchema,
    response: z.union([handshake.welcomeSchema, handshake.removedSchema]),
    handshake: true,
  },
  redeem: {
    ...usual,
    request: handshake.redeemSchema,
    response: handshake.admittedSchema,
    handshake: true,
  },
  ping: { ...usual, request: sync.pingSchema, response: sync.pongSchema },
  sync: { ...usual, request: sync.syncSchema, response: sync.entriesSchema, longAnswer: true },
  contacts: {
    ...usual,
    request: sync.contactsSchema,
    response: sync.contactListSchema,
    longAnswer: true,
  },
  space: { ...usual, request: space.spaceSchema, response: space.spaceAnswerSchema },
  dialBack: {
    ...usual,
    request: dialBack.dialBackSchema,
    response: dialBack.dialledBackSchema,
  },
  stage: { ...usual, request: upload.stageSchema, response: upload.okSchema },
  put: {
    ...usual,
    request: upload.putSchema,
    requestBody: 'required',
    response: upload.okSchema,
  },
  staged: {
    ...usual,
    request: upload.stagedSchema,
    response: upload.okSchema,
    responseBody: 'required',
    longAnswer: true,
  },
  seal: { ...usual, request: upload.sealSchema, response: upload.receiptSchema },
  commit: { ...usual, request: upload.commitSchema, response: upload.okSchema },
  abort: { ...usual, request: upload.abortSchema, response: upload.okSchema },
  piece: {
    ...usual,
    request: download.pieceSchema,
    response: upload.okSchema,
    responseBody: 'required',
    longAnswer: true,
  },
  hashes: {
    ...usual,
    request: download.hashesSchema,
    response: download.hashPageSchema,
    responseBody: 'required',
    longAnswer: true,
  },
  verify: { ...usual, request: download.verifySchema, response: download.scannedSchema },
  take: { ...usual, request: repair.takeSchema, response: repair.takingSchema },
  rely: {
    ...usual,
    request: repair.relySchema,
    response: upload.receiptSchema,
    responseBody: 'required',
  },
} as const satisfies Record<string, Definition>;

type Definitions = typeof definitions;
export type RequestName = keyof Definitions;
/** By the name of the request: what is asked and what answers it. */
export type Requests = {
  readonly [T in RequestName]: {
    readonly request: z.infer<Definitions[T]['request']>;
    readonly response: z.infer<Definitions[T]['response']>;
  };
};
export type RequestMessage = Requests[RequestName]['request'];
export type ResponseMessage = Requests[RequestName]['response'];
export type ResponseTo<T extends RequestName> = Requests[T]['response'];
export type ProgressMessage = z.infer<typeof download.progressSchema>;
export type Notification =
  z.infer<typeof sync.newsSchema> | z.infer<typeof handshake.removedSchema>;

const names: ReadonlySet<string> = new Set(Object.keys(definitions));
const typed = z.object({ t: z.string().max(messageLimits.typeName) });
const errorSchema = z.object({ code: uint(0xffff), message: z.string() });

export function encodeMessage(
  message: RequestMessage | ResponseMessage | ProgressMessage | Notification,
): Uint8Array {
  return encodeCbor(message);
}

/** What an error frame says; see {@link errorForWire}. */
export function encodeError(error: unknown): Uint8Array {
  return encodeCbor(errorForWire(error));
}

/**
 * @throws {PeerError} `protocol`, `limit` for what breaks a rule; `unsupported` for a well-formed request
 * of a name that this version does not know, which is to be answered, not punished.
 */
export function decodeRequest(message: Uint8Array, body: Uint8Array): RequestMessage {
  const value = decodeCbor(message);
  const { t } = check(typed, value);
  if (!isRequestName(t)) {
    throw new PeerError('unsupported', 'This peer does not know that request.');
  }
  checkBody(definitions[t].requestBody, body);
  return check<RequestMessage>(definitions[t].request, value);
}

/** The answer to a request of name `t`. @throws {PeerError} `protocol`, `limit` */
export function decodeResponse<T extends RequestName>(
  t: T,
  message: Uint8Array,
  body: Uint8Array,
): ResponseTo<T> {
  checkBody(definitions[t].responseBody, body);
  const schema: z.ZodType = definitions[t].response;
  return check(schema as z.ZodType<ResponseTo<T>>, decodeCbor(message));
}

/** @throws {PeerError} `protocol` */
export function decodeProgress(message: Uint8Array): ProgressMessage {
  return check(download.progressSchema, decodeCbor(message));
}

/** Undefined for a notification that this version does not know. @throws {PeerError} `protocol` */
export function decodeNotification(message: Uint8Array): Notification | undefined {
  const value = decodeCbor(message);
  const { t } = check(typed, value);
  if (t === 'news') return check(sync.newsSchema, value);
  return t === 'removed' ? check(handshake.removedSchema, value) : undefined;
}

/** The other end's failure, as an error of this one. @throws {PeerError} `protocol` */
export function decodeError(message: Uint8Array): PeerError {
  const { code, message: text } = check(errorSchema, decodeCbor(message));
  return new PeerError(codeOfWireNumber(code), plainText(text) || 'The other peer gave no reason.');
}

/** Whether it is one of the requests that are answered before admission. */
export function isHandshake(t: RequestName): boolean {
  return definitions[t].handshake;
}

/** Whether the answer to it may be long: a body, or a page of much. */
export function answersAtLength(t: RequestName): boolean {
  return definitions[t].longAnswer;
}

function isRequestName(t: string): t is RequestName {
  return names.has(t);
}

function checkBody(rule: Body, body: Uint8Array): void {
  if ((rule === 'required') !== body.byteLength > 0) {
    throw new PeerError(
      'protocol',
      'A message comes with a body, or without one, against the rules.',
    );
  }
}

function check<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new PeerError('protocol', 'A message has wrong contents.', { cause: parsed.error });
}
