import assert from 'node:assert/strict';
import { encode } from 'cborg';
import fc from 'fast-check';
import { PeerError, type ErrorCode } from '../../src/common/errors.js';
import { decodeCbor, encodeCbor, type Plain } from '../../src/protocol/cbor.js';
import { codeOfWireNumber, plainText, wireNumberOf } from '../../src/protocol/errorCodes.js';
import { messageLimits } from '../../src/protocol/limits.js';
import {
  decodeError,
  decodeNotification,
  decodeProgress,
  decodeRequest,
  decodeResponse,
  encodeError,
  encodeMessage,
} from '../../src/protocol/messages.js';
import * as samples from './samples.js';

const none = new Uint8Array(0);
const some = Uint8Array.of(1);
const isProtocol = (error: unknown): boolean => PeerError.is(error, 'protocol');

/** The sample request with some fields replaced, decoded. */
function decodeWith(t: keyof typeof samples.requests, fields: Record<string, unknown>): unknown {
  const body = samples.withRequestBody.has(t) ? some : none;
  return decodeRequest(encode({ ...samples.requests[t], ...fields }), body);
}

describe('messages', () => {
  for (const t of samples.requestNames) {
    const requestBody = samples.withRequestBody.has(t) ? some : none;
    const responseBody = samples.withResponseBody.has(t) ? some : none;

    it(`of ${t} come back as they were`, () => {
      const { [t]: request } = samples.requests;
      const { [t]: response } = samples.responses;
      assert.deepEqual(decodeRequest(encodeMessage(request), requestBody), request);
      assert.deepEqual(decodeResponse(t, encodeMessage(response), responseBody), response);
    });

    it(`of ${t} have a body exactly when it is due`, () => {
      const request = encodeMessage(samples.requests[t]);
      const response = encodeMessage(samples.responses[t]);
      const wrong = (body: Uint8Array): Uint8Array => (body === some ? none : some);
      assert.throws(() => decodeRequest(request, wrong(requestBody)), isProtocol);
      assert.throws(() => decodeResponse(t, response, wrong(responseBody)), isProtocol);
    });

    it(`of ${t} miss no field`, () => {
      for (const field of Object.keys(samples.requests[t])) {
        const partial = Object.fromEntries(
          Object.entries(samples.requests[t]).filter(([key]) => key !== field),
        );
        assert.throws(() => decodeRequest(encode(partial), requestBody), isProtocol, field);
      }
    });
  }

  it('with a field that this version does not know are read without it', () => {
    assert.deepEqual(decodeWith('ping', { future: 1 }), { t: 'ping' });
  });

  it('with bytes in place of a list are refused like any other', () => {
    const bad: [keyof typeof samples.requests, Record<string, unknown>][] = [
      ['hello', { chain: new Uint8Array(65) }],
      ['hello', { versions: new Uint8Array(2) }],
      ['commit', { receipts: some }],
    ];
    for (const [t, fields] of bad) assert.throws(() => decodeWith(t, fields), isProtocol);
    const answer = { ...samples.responses.verify, bad: some };
    assert.throws(() => decodeResponse('verify', encode(answer), none), isProtocol);
  });

  it('of an unknown name are told apart from malformed ones', () => {
    assert.throws(
      () => decodeRequest(encode({ t: 'future' }), none),
      (error) => PeerError.is(error, 'unsupported'),
    );
    for (const t of ['__proto__', 'constructor', 'toString']) {
      assert.throws(
        () => decodeRequest(encode({ t }), none),
        (error) => PeerError.is(error, 'unsupported'),
      );
    }
    assert.equal(decodeNotification(encode({ t: 'future' })), undefined);
  });

  it('hold ids of their exact length, and numbers within their range', () => {
    const { shards, segments } = messageLimits;
    const bad: [keyof typeof samples.requests, Record<string, unknown>][] = [
      ['put', { share: new Uint8Array(15) }],
      ['put', { share: new Uint8Array(17) }],
      ['put', { share: '00000000000000000000000000000000' }],
      ['put', { shard: -1 }],
      ['put', { shard: shards }],
      ['put', { segment: segments }],
      ['put', { segment: 0.5 }],
      ['hello', { versions: [2, 1] }],
      ['hello', { versions: [1] }],
      ['hello', { group: new Uint8Array(31) }],
      ['hello', { addresses: ['a b:1'] }],
      ['hello', { addresses: Array.from({ length: 9 }, () => 'host:1') }],
      ['hello', { chain: Array.from({ length: 65 }, () => some) }],
      ['hello', { chain: [new Uint8Array(4097)] }],
      ['hello', { stays: 1 }],
      ['redeem', { name: 'two\nlines' }],
      ['redeem', { name: 'abc\u202edef' }],
      ['redeem', { name: 'x'.repeat(65) }],
      ['sync', { max: 0 }],
      ['sync', { epoch: '' }],
      ['stage', { geometry: { k: 0, m: 2, q: 1, segments: 1, lastQ: 1 } }],
      ['stage', { geometry: { k: 2, m: 2, q: 1, segments: 1, lastQ: 2 } }],
      ['commit', { receipts: Array.from({ length: 256 }, () => some) }],
      ['commit', { manifest: new Uint8Array(65_537) }],
      ['hashes', { page: messageLimits.pages }],
    ];
    for (const [t, fields] of bad) {
      assert.throws(
        () => decodeWith(t, fields),
        (error) => PeerError.is(error, 'protocol', 'limit'),
        `${t} ${Object.keys(fields).join()}`,
      );
    }
  });

  it('of progress and notifications come back as they were', () => {
    assert.deepEqual(decodeProgress(encodeMessage(samples.progress)), samples.progress);
    for (const one of [samples.news, samples.removed]) {
      assert.deepEqual(decodeNotification(encodeMessage(one)), one);
    }
    // One who is no member any more is answered with the same words.
    const answer = decodeResponse('hello', encodeMessage(samples.removed), none);
    assert.deepEqual(answer, samples.removed);
  });

  it('answer another request than asked: refused', () => {
    assert.throws(() => decodeResponse('ping', encode({ t: 'ok' }), none), isProtocol);
  });
});

describe('CBOR on the wire', () => {
  const plain = fc.letrec<{ value: Plain }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.constant(null),
      fc.boolean(),
      fc.maxSafeInteger(),
      fc.oneof(fc.string({ unit: 'grapheme' }), fc.constant('\ufeff\ufffd')),
      fc.uint8Array({ maxLength: 40 }),
      fc.array(tie('value'), { maxLength: 5 }),
      fc.dictionary(fc.string({ maxLength: 8 }), tie('value'), {
        maxKeys: 5,
        noNullPrototype: true,
      }),
    ),
  }));

  it('comes back as it was', () => {
    fc.assert(
      fc.property(plain.value, (value) => {
        const expected: unknown = value === 0 ? 0 : value;
        assert.deepEqual(decodeCbor(encodeCbor(value)), expected);
      }),
    );
  });

  it('refuses what the protocol never uses', () => {
    const refused = {
      'indefinite array': '9f01ff',
      'indefinite bytes': '5f4101ff',
      'indefinite map': 'bf616101ff',
      tag: 'c001',
      'tag in a map': 'a16161d82a4101',
      float: 'fb3ff0000000000000',
      'half float': 'f93c00',
      undefined: 'f7',
      'integer not in its shortest form': '190017',
      'repeated key': 'a2616101616102',
      'key that is no text': 'a10101',
      'bigger than a safe integer': '1bffffffffffffffff',
      'text that is not UTF-8': '61ff',
      'half a character': '63f09080',
      'half of a surrogate pair': '63eda080',
      'rest behind the end': '0101',
      'cut short': '4401',
      'array of four thousand million': '9affffffff',
      nothing: '',
    };
    for (const [what, hex] of Object.entries(refused)) {
      assert.throws(() => decodeCbor(Buffer.from(hex, 'hex')), isProtocol, what);
    }
  });

  it('refuses deep nesting and many values before they are built', () => {
    const { depth, items } = messageLimits;
    const nested = (levels: number): Uint8Array =>
      Buffer.concat([Buffer.alloc(levels, 0x81), Buffer.of(0xf6)]);
    assert.ok(decodeCbor(nested(depth)));
    assert.throws(() => decodeCbor(nested(depth + 1)), isProtocol);
    assert.throws(() => decodeCbor(nested(100_000)), isProtocol);
    const wide = (count: number): Uint8Array => encode(Array.from({ length: count }, () => null));
    assert.ok(decodeCbor(wide(items - 1)));
    assert.throws(() => decodeCbor(wide(items)), isProtocol);
    const manyEmpty = encode(
      Array.from({ length: 100 }, () => Array.from({ length: 200 }, () => [])),
    );
    assert.throws(() => decodeCbor(manyEmpty), isProtocol);
  });

  it('read from noise is a value or a typed error, never anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (noise) => {
        for (const read of [
          () => decodeRequest(noise, none),
          () => decodeResponse('sync', noise, none),
          () => decodeError(noise),
          () => decodeNotification(noise),
        ]) {
          try {
            read();
          } catch (error) {
            assert.ok(PeerError.is(error, 'protocol', 'unsupported', 'limit'));
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('of a message with one byte changed is a message or a typed error', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...samples.requestNames),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (t, place, flip) => {
          const wire = Uint8Array.from(encodeMessage(samples.requests[t]));
          const at = place % wire.byteLength;
          wire[at] = (wire[at] ?? 0) ^ flip;
          try {
            decodeRequest(wire, samples.withRequestBody.has(t) ? some : none);
          } catch (error) {
            assert.ok(PeerError.is(error, 'protocol', 'unsupported', 'limit'));
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('errors on the wire', () => {
  it('have one number for each code, and back', () => {
    const codes: ErrorCode[] = ['usage', 'not-trusted', 'disk-full', 'cancelled', 'unsupported'];
    const numbers = codes.map(wireNumberOf);
    assert.equal(new Set(numbers).size, codes.length);
    assert.deepEqual(numbers.map(codeOfWireNumber), codes);
    assert.equal(codeOfWireNumber(60_000), 'internal');
  });

  it('say what this product wrote, and nothing of what the system or a bug wrote', () => {
    const told = (error: unknown): PeerError => decodeError(encodeError(error));
    const own = told(
      new PeerError('exists', 'It is there.', { hint: 'secret', cause: new Error('x') }),
    );
    assert.equal(own.code, 'exists');
    assert.equal(own.message, 'It is there.');
    const missing = Object.assign(new Error("ENOENT: '/home/ada/x'"), { code: 'ENOENT' });
    for (const error of [missing, PeerError.from(missing)]) {
      assert.equal(told(error).code, 'not-found');
      assert.ok(!told(error).message.includes('ada'));
    }
    const bug = told(new TypeError('secret is not a function'));
    assert.equal(bug.code, 'internal');
    assert.ok(!bug.message.includes('secret'));
  });

  it('are short and free of control characters, whoever wrote them', () => {
    const nasty = `\u001b[2J${'x\u202e'.repeat(1000)}`;
    const [code] = [wireNumberOf('limit')];
    const read = decodeError(encode({ code, message: nasty }));
    for (const text of [
      read.message,
      plainText(nasty),
      decodeError(encodeError(new PeerError('limit', nasty))).message,
    ]) {
      assert.ok(text.length <= messageLimits.errorChars);
      assert.doesNotMatch(text, /[\p{Cc}\p{Cf}]/u);
    }
  });
});
