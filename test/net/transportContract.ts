import assert from 'node:assert/strict';
import { PeerError, type ErrorCode } from '../../src/common/errors.js';
import type { Link, Listener, OnLink, Transport } from '../../src/net/transport.js';
import { LinkProbe } from './linkProbe.js';

/** Two peers on one network, made anew for each test. */
export interface TransportPair {
  readonly near: { readonly nodeId: string; readonly transport: Transport };
  readonly far: { readonly nodeId: string; readonly transport: Transport };
}

const has =
  (...codes: ErrorCode[]) =>
  (error: unknown): boolean =>
    PeerError.is(error, ...codes);

/** What every transport does. */
export function transportContract(makePair: () => Promise<TransportPair>): void {
  const listeners: Listener[] = [];
  const links: Link[] = [];
  let pair: TransportPair;

  beforeEach(async () => {
    pair = await makePair();
  });

  afterEach(() => {
    for (const link of links.splice(0)) link.destroy();
    for (const listener of listeners.splice(0)) listener.dispose();
  });

  async function listen(onLink: OnLink): Promise<string> {
    const listener = await pair.far.transport.listen(
      { host: '127.0.0.1', port: 0 },
      (link, done) => {
        links.push(link);
        onLink(link, done);
      },
    );
    listeners.push(listener);
    return listener.address;
  }

  async function dial(
    address: string,
    expect = (id: string) => id === pair.far.nodeId,
  ): Promise<Link> {
    const link = await pair.near.transport.dial(address, { expect });
    links.push(link);
    return link;
  }

  /** A link and what the listener got for it. */
  async function connect(): Promise<[LinkProbe, LinkProbe]> {
    const { promise, resolve } = Promise.withResolvers<LinkProbe>();
    const address = await listen((link) => {
      resolve(new LinkProbe(link));
    });
    const near = new LinkProbe(await dial(address));
    return [near, await promise];
  }

  it('tells each end who is at the other', async () => {
    const [near, far] = await connect();
    assert.equal(near.link.nodeId, pair.far.nodeId);
    assert.equal(far.link.nodeId, pair.near.nodeId);
  });

  it('says where it listens', async () => {
    assert.match(await listen(() => undefined), /^127\.0\.0\.1:[1-9]\d+$/);
  });

  it('carries bytes both ways, in order', async () => {
    const [near, far] = await connect();
    near.link.write([Uint8Array.of(1, 2), Uint8Array.of(3)]);
    near.link.write([Uint8Array.of(4)]);
    far.link.write([Uint8Array.of(9)]);
    await Promise.all([far.has(4), near.has(1)]);
    assert.deepEqual([...far.received], [1, 2, 3, 4]);
    assert.deepEqual([...near.received], [9]);
  });

  it('says how much waits to be sent, and when it has left', async () => {
    const [near, far] = await connect();
    const block = new Uint8Array(1 << 20);
    for (let i = 0; i < 8; i += 1) near.link.write([block]);
    assert.ok(near.link.buffered >= 1 << 20);
    await near.hasDrained();
    assert.ok(near.drained > 0);
    await far.has(8 << 20);
    assert.equal(far.bytes, 8 << 20);
  });

  it('keeps what comes until somebody attaches', async () => {
    const { promise, resolve } = Promise.withResolvers<Link>();
    const address = await listen(resolve);
    const near = new LinkProbe(await dial(address));
    near.link.write([Uint8Array.of(7)]);
    const link = await promise;
    const far = new LinkProbe(link);
    await far.has(1);
    assert.deepEqual([...far.received], [7]);
  });

  it('delivers nothing while it is paused, and everything after', async () => {
    const [near, far] = await connect();
    far.link.pause();
    near.link.write([Uint8Array.of(1)]);
    far.link.write([Uint8Array.of(2)]);
    await near.has(1);
    assert.equal(far.bytes, 0);
    far.link.resume();
    await far.has(1);
  });

  it('tells both ends once when one of them closes', async () => {
    const [near, far] = await connect();
    near.link.destroy();
    near.link.destroy();
    await Promise.all([near.isClosed(), far.isClosed()]);
    near.link.write([Uint8Array.of(1)]);
    far.link.destroy();
    assert.deepEqual([near.closed, far.closed], [1, 1]);
  });

  it('tells one who attaches late that it is closed', async () => {
    const { promise, resolve } = Promise.withResolvers<Link>();
    const address = await listen(resolve);
    const near = new LinkProbe(await dial(address));
    const link = await promise;
    link.destroy();
    await near.isClosed();
    await new LinkProbe(link).isClosed();
  });

  it('sends what was written before it ends', async () => {
    const [near, far] = await connect();
    near.link.write([new Uint8Array(100_000)]);
    near.link.end();
    await far.has(100_000);
    await Promise.all([near.isClosed(), far.isClosed()]);
  });

  it('gives somebody unexpected not one byte', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const probes: LinkProbe[] = [];
    let meant = false;
    const address = await listen((link) => {
      probes.push(new LinkProbe(link));
      if (meant) resolve(undefined);
    });
    const asked: string[] = [];
    const refused = dial(address, (id) => {
      asked.push(id);
      return false;
    });
    await assert.rejects(refused, has('not-trusted'));
    assert.deepEqual(asked, [pair.far.nodeId]);
    // The other end may not even have seen it secured; one that comes later is certainly seen after it.
    meant = true;
    await dial(address);
    await promise;
    const strangers = probes.slice(0, -1);
    await Promise.all(strangers.map((probe) => probe.isClosed()));
    assert.ok(strangers.every(({ bytes }) => bytes === 0));
  });

  it('reports where nobody listens, what is no address, and a cancelled attempt', async () => {
    const address = await listen(() => undefined);
    listeners[0]?.dispose();
    await assert.rejects(dial(address), has('unreachable'));
    await assert.rejects(dial('nowhere'), has('usage'));
    const aborted = pair.near.transport.dial(address, {
      expect: () => true,
      signal: AbortSignal.abort(),
    });
    await assert.rejects(aborted, has('cancelled'));
  });

  it('refuses a port that is taken', async () => {
    const address = await listen(() => undefined);
    const port = Number(address.split(':')[1]);
    const again = pair.far.transport.listen({ host: '127.0.0.1', port }, () => undefined);
    await assert.rejects(again, has('in-use'));
  });

  it('leaves links alone when it stops to listen', async () => {
    const [near, far] = await connect();
    for (const listener of listeners) {
      listener.dispose();
      listener.dispose();
    }
    near.link.write([Uint8Array.of(5)]);
    await far.has(1);
  });
}
