import type {
  Notification,
  ProgressMessage,
  RequestMessage,
  RequestName,
  ResponseTo,
} from '../../src/protocol/messages.js';

/** `length` bytes counting up from `first`. */
export function counting(length: number, first = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (first + index) & 0xff);
}

const share = counting(16);
const geometry = { k: 2, m: 2, q: 1057, segments: 3, lastQ: 40 };

/** One of each, as PROTOCOL.md shows them. */
export const requests: { readonly [T in RequestName]: Extract<RequestMessage, { t: T }> } = {
  hello: {
    t: 'hello',
    versions: [1, 1],
    group: counting(32),
    chain: [counting(4, 0xa0)],
    addresses: ['192.0.2.7:41700'],
    stays: true,
  },
  redeem: { t: 'redeem', token: counting(16), name: 'Ada', ecdh: counting(65) },
  ping: { t: 'ping' },
  sync: { t: 'sync', epoch: '5f2c', after: 6, id: counting(32), max: 1024 },
  contacts: { t: 'contacts' },
  space: { t: 'space' },
  dialBack: { t: 'dialBack', addresses: ['192.0.2.7:41700'] },
  stage: {
    t: 'stage',
    share,
    shard: 1,
    geometry,
    random: counting(16, 0x40),
    holders: [counting(32)],
  },
  put: { t: 'put', share, shard: 1, segment: 2 },
  staged: { t: 'staged', share, shard: 1, page: 0 },
  seal: { t: 'seal', share, shard: 1 },
  commit: { t: 'commit', manifest: counting(4, 0xb0), receipts: [counting(4, 0xc0)] },
  abort: { t: 'abort', share, shard: 1 },
  piece: { t: 'piece', share, shard: 1, segment: 2 },
  hashes: { t: 'hashes', share, shard: 1, page: 0 },
  verify: { t: 'verify', share, shard: 1 },
  take: { t: 'take', share, shard: 1, now: false },
  rely: { t: 'rely', share, shard: 1, segment: 2 },
};

export const responses: { readonly [T in RequestName]: ResponseTo<T> } = {
  hello: {
    t: 'welcome',
    version: 1,
    chain: [counting(4, 0xa0)],
    addresses: ['[2001:db8::7]:41700'],
    stays: false,
  },
  redeem: { t: 'admitted', records: [counting(4, 0xa0)] },
  ping: { t: 'pong' },
  sync: {
    t: 'entries',
    epoch: '5f2c',
    last: 7,
    more: false,
    entries: [{ kind: 'manifest', bytes: counting(4, 0xb0) }],
  },
  contacts: {
    t: 'contacts',
    contacts: [{ id: counting(32), addresses: ['192.0.2.7:41700'] }],
  },
  space: { t: 'space', lends: 10_737_418_240, used: 1_500_000 },
  dialBack: {
    t: 'dialledBack',
    observed: '198.51.100.3',
    now: 1_800_000_000_000,
    results: [{ address: '192.0.2.7:41700', outcome: 'silent', ms: 5000 }],
  },
  stage: { t: 'ok' },
  put: { t: 'ok' },
  staged: { t: 'ok' },
  seal: { t: 'receipt', bytes: counting(4, 0xc0) },
  commit: { t: 'ok' },
  abort: { t: 'ok' },
  piece: { t: 'ok' },
  hashes: { t: 'hashes', pages: counting(32) },
  verify: { t: 'scanned', chunks: 2154, bad: [7, 400], root: counting(32) },
  take: { t: 'taking', done: 4096, total: 1_102_848, receipt: null },
  rely: { t: 'receipt', bytes: counting(4, 0xc0) },
};

export const requestNames = Object.keys(requests) as RequestName[];
export const withRequestBody: ReadonlySet<RequestName> = new Set(['put']);
export const withResponseBody: ReadonlySet<RequestName> = new Set([
  'staged',
  'piece',
  'hashes',
  'rely',
]);
export const progress: ProgressMessage = { t: 'progress', checked: 4096 };
export const removed: Notification = { t: 'removed', records: [counting(4, 0xa0)] };
export const news: Notification = { t: 'news', last: 8 };
