import { encodeCbor } from '../../../src/chunk/cbor.js';
import { controlMethods, readParams } from '../../../src/control/server/params.js';
import { parseCursor } from '../../../src/store/state/shareTable.js';
import { decodeLoosely } from '../decodeLoosely.js';
import { unlessRefused, type FuzzTarget } from '../target.js';

/** The parameters as CBOR; each method gets them. */
export const controlParams: FuzzTarget = {
  name: 'control-params',
  seeds: () =>
    [
      { transferId: 't', share: 'x', path: '/tmp/x', overwrite: true, entries: ['a/b'] },
      { name: 'Ada', groupName: 'team', code: 'CP1-x' },
      { order: 'newest', prefix: 'a', cursor: `1790000000000:${'0'.repeat(32)}`, limit: 10 },
      { peers: ['host:1'], listen: '127.0.0.1:0', stays: true, validForMs: 60_000, admin: false },
      { share: 'x', entry: 'a', under: 'a', offset: 0, length: 5, redundancy: '2+1', ignore: true },
    ].map((params) => encodeCbor(params)),
  run: (input) => {
    const params = decodeLoosely(input);
    for (const method of controlMethods) unlessRefused(['usage'], () => readParams(method, params));
    const cursor = (params as { cursor?: unknown } | null | undefined)?.cursor;
    if (typeof cursor === 'string') unlessRefused(['usage'], () => parseCursor(cursor));
  },
};
