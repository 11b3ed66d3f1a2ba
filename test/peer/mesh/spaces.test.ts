import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { PeerError } from '../../../src/common/errors.js';
import { silentLogger } from '../../../src/common/logger.js';
import { Connection, type RequestHandler } from '../../../src/net/connection.js';
import { Spaces } from '../../../src/peer/mesh/spaces.js';
import { memoryLinks } from '../../net/memoryTransport.js';
import { Actor } from '../support/actor.js';

describe('Spaces', () => {
  const connections: Connection[] = [];
  afterEach(() => {
    for (const connection of connections.splice(0)) connection.dispose();
  });

  const peer = (handler: RequestHandler): { nodeId: string; connection: Connection } => {
    const [near, far] = [new Actor('near'), new Actor('far')];
    const [here, there] = memoryLinks(far, near);
    const asks = new Connection(here, { logger: silentLogger, handler });
    const answers = new Connection(there, { logger: silentLogger, handler });
    asks.admit();
    answers.admit();
    connections.push(asks, answers);
    return { nodeId: far.nodeId, connection: asks };
  };

  it('are asked of all who are there, and not again for a while', async () => {
    let now = 0;
    let asked = 0;
    const spaces = new Spaces(() => now);
    const lends = peer(() => {
      asked += 1;
      return Promise.resolve({ message: { t: 'space', lends: 1000, used: asked } });
    });
    // Of an earlier version, which does not know the question.
    const silent = peer(() => Promise.reject(new PeerError('unsupported', 'No such request.')));
    const ask = async (): Promise<unknown> => [...(await spaces.of([lends, silent]))];
    const first = [[lends.nodeId, { lends: 1000, used: 1 }]];
    assert.deepEqual(await ask(), first);
    now = 9_999;
    assert.deepEqual(await ask(), first);
    now = 10_000;
    assert.deepEqual(await ask(), [[lends.nodeId, { lends: 1000, used: 2 }]]);
  });
});
