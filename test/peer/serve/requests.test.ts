import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { lend } from '../../../src/common/memory.js';
import type { RequestContext } from '../../../src/net/connection.js';
import { requestHandler, type RequestDependencies } from '../../../src/peer/serve/requests.js';
import { turn } from '../../support/virtualTime.js';
import { rejects } from '../support/rejects.js';
import { requests } from '../../protocol/samples.js';

/** One handler for all members, with a disk that works on what a test lets it. */
describe('requests of members', () => {
  let begun: string[];
  let finish: (() => void)[];
  const slow = async (who: string): Promise<void> => {
    begun.push(who);
    await new Promise<void>((resolve) => finish.push(resolve));
  };
  const holder = {
    put: (author: string) => slow(author),
    piece: async () => {
      await slow('piece');
      return lend(new Uint8Array(1));
    },
    scan: async (asker: string) => {
      await slow(asker);
      return { chunksChecked: 0, badChunks: [], root: new Uint8Array(32) };
    },
  };
  const antiEntropy = { contacts: () => ({ t: 'contacts', contacts: [] }) };
  const membership = { member: (nodeId: string) => (nodeId === 'removed' ? undefined : {}) };
  let handler: ReturnType<typeof requestHandler>;
  beforeEach(() => {
    begun = [];
    finish = [];
    handler = requestHandler({
      ...{ holder, antiEntropy, membership, news: { passed: true } },
    } as unknown as RequestDependencies);
  });

  const context = (nodeId: string, signal = new AbortController().signal): RequestContext => ({
    nodeId,
    spki: new Uint8Array(0),
    admitted: true,
    signal,
    progress: () => undefined,
  });
  const ask = (
    nodeId: string,
    t: 'put' | 'piece' | 'verify' | 'contacts',
    signal?: AbortSignal,
  ): Promise<unknown> =>
    handler({ message: requests[t], body: new Uint8Array(0) }, context(nodeId, signal));

  it('are refused as soon as who asks is none any more', async () => {
    for (const t of ['put', 'piece', 'verify', 'contacts'] as const) {
      await rejects('not-trusted', () => ask('removed', t));
    }
    assert.deepEqual(begun, []);
  });

  it('of one who asks for much leave the disk to the others as well', async () => {
    const much = Array.from({ length: 64 }, () => ask('greedy', 'put'));
    await turn();
    const before = begun.length;
    assert.ok(before < 64);
    const modest = ask('modest', 'put');
    await turn();
    assert.deepEqual(begun.slice(before), ['modest']);
    while (finish.length > 0) {
      finish.shift()?.();
      await turn();
    }
    await Promise.all([...much, modest]);
  });

  it('that nobody waits for any more are not begun', async () => {
    const leaving = new AbortController();
    const much = Array.from({ length: 64 }, () => ask('greedy', 'put', leaving.signal));
    await turn();
    const before = begun.length;
    leaving.abort(); // it has disconnected
    const late = much.slice(before);
    for (const one of late) await rejects('cancelled', () => one);
    for (const end of finish.splice(0)) end();
    await Promise.all(much.slice(0, before));
    assert.equal(begun.length, before);
  });

  it('that the disk has no part in do not wait for it', async () => {
    for (let i = 0; i < 64; i++) void ask('greedy', 'piece');
    await turn();
    await ask('greedy', 'contacts');
    void ask('greedy', 'verify');
    await turn();
    assert.equal(begun.at(-1), 'greedy');
  });
});
