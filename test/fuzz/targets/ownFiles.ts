import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { encodeCbor } from '../../../src/chunk/cbor.js';
import { PeerError } from '../../../src/common/errors.js';
import { readEndpoint } from '../../../src/control/endpoint.js';
import { loadIdentity } from '../../../src/net/identity.js';
import { newIdentity } from '../../net/identities.js';
import { decodeLoosely } from '../decodeLoosely.js';
import { scratchFolder } from '../scratch.js';
import type { FuzzTarget } from '../target.js';

const { certificate, privateKey } = await newIdentity();

/** JSON files of the data directory, damaged: CBOR of what they hold; an odd first byte is the text itself. */
export const ownFiles: FuzzTarget = {
  name: 'own-files',
  head: 1,
  seeds: () => {
    const identity = { format: 1, signing: privateKey, agreement: '01'.repeat(32), certificate };
    const endpoint = { endpoint: '/x.sock', pid: 7, secret: 'ab'.repeat(32) };
    return [
      Buffer.concat([Buffer.of(0), encodeCbor(identity)]),
      Buffer.concat([Buffer.of(0), encodeCbor(endpoint)]),
      Buffer.concat([Buffer.of(1), Buffer.from(JSON.stringify(endpoint))]),
    ];
  },
  run: async (input) => {
    const rest = input.subarray(1);
    const typed = ((input[0] ?? 0) & 1) === 1;
    const text = typed ? rest : JSON.stringify([decodeLoosely(rest)]).slice(1, -1);
    for (const name of ['identity.json', 'control.json']) {
      writeFileSync(path.join(scratchFolder(), name), text, { mode: 0o600 });
    }
    readEndpoint(scratchFolder());
    try {
      await loadIdentity(scratchFolder());
    } catch (error) {
      if (!PeerError.is(error, 'integrity')) throw error;
    }
  },
};
