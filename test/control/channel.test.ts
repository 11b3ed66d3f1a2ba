import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'mocha';
import type { MessageConnection } from 'vscode-jsonrpc/node';
import { attach } from '../../src/control/attach.js';
import { connectControl } from '../../src/control/client/connect.js';
import {
  contractVersions,
  type ControlClient,
  type ControlMethod,
  type TransferInfo,
} from '../../src/control/contract.js';
import { proofOf, readEndpoint, writeEndpoint, type Endpoint } from '../../src/control/endpoint.js';
import { ControlServer } from '../../src/control/server/controlServer.js';
import {
  helloMethod,
  helloResult,
  JsonText,
  messageChannel,
  proveMethod,
} from '../../src/control/wire.js';
import { PeerError } from '../../src/common/errors.js';
import { silentLogger } from '../../src/common/logger.js';
import { rejects } from '../peer/support/rejects.js';

type Handle = (method: ControlMethod, params: unknown, signal: AbortSignal) => Promise<unknown>;

describe('control channel', () => {
  let dataDir: string;
  let server: ControlServer;
  let handle: Handle;
  let handled: ControlMethod[];
  const opened: { dispose(): void }[] = [];
  beforeEach(async () => {
    dataDir = mkdtempSync(path.join(os.tmpdir(), 'control-'));
    handle = () => Promise.resolve(null);
    handled = [];
    server = await start();
  });
  afterEach(() => {
    for (const item of opened.splice(0)) item.dispose();
    server.dispose();
    rmSync(dataDir, { recursive: true, force: true });
  });

  function start(): Promise<ControlServer> {
    return ControlServer.start({
      dataDir,
      version: '1.2.3',
      methods: ['status', 'find', 'cancel'],
      service: {
        handle: (method, params, signal) => {
          handled.push(method);
          return handle(method, params, signal);
        },
      },
      logger: silentLogger,
    });
  }

  const endpoint = (): Endpoint => readEndpoint(dataDir) ?? assert.fail('no endpoint');

  async function client(): Promise<ControlClient> {
    const made = await connectControl(endpoint());
    opened.push(made);
    return made;
  }

  async function raw(): Promise<{ socket: Socket; rpc: MessageConnection }> {
    const socket = connect(endpoint().endpoint);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    const rpc = messageChannel(socket);
    rpc.onError(() => undefined);
    rpc.onClose(() => {
      rpc.dispose(); // ends what is asked and will not be answered
    });
    rpc.listen();
    opened.push({
      dispose: () => {
        rpc.dispose();
        socket.destroy();
      },
    });
    return { socket, rpc };
  }

  const nonce = '12'.repeat(16);
  async function hello(rpc: MessageConnection): Promise<string> {
    const answer = helloResult.parse(
      await rpc.sendRequest(helloMethod, { nonce, ...contractVersions }),
    );
    return proofOf('client', endpoint().secret, nonce, answer.nonce);
  }

  const clients = (count: number): Promise<void> =>
    new Promise((resolve) => {
      if (server.clients === count) resolve();
      const subscription = server.onDidChangeClients((now) => {
        if (now !== count) return;
        subscription.dispose();
        resolve();
      });
    });

  it('carries requests, results, and typed errors with all they say', async () => {
    const one = await client();
    assert.equal(one.peerVersion, '1.2.3');
    handle = (_method, params) => Promise.resolve(params);
    assert.deepEqual(await one.request('find', { share: 'x' }), { share: 'x' });
    handle = () => Promise.resolve(new JsonText('{"a":["\u2028é"]}'));
    assert.deepEqual(await one.request('find', { share: 'x' }), { a: ['\u2028é'] });
    handle = () =>
      Promise.reject(
        new PeerError('ambiguous', 'Two.', { hint: 'Choose.', details: { choices: [1, 2] } }),
      );
    const error = await rejects('ambiguous', () => one.request('find', { share: 'x' }));
    assert.deepEqual(error.toInfo(), {
      code: 'ambiguous',
      message: 'Two.',
      hint: 'Choose.',
      details: { choices: [1, 2] },
    });
    handle = () => Promise.reject(new TypeError('a bug'));
    await rejects('internal', () => one.request('status', null));
  });

  it('tells every attached client, and counts them', async () => {
    const [one, two] = [await client(), await client()];
    assert.equal(server.clients, 2);
    const seen = [one, two].map(
      (each) => new Promise<TransferInfo>((resolve) => each.on('transfer', resolve)),
    );
    server.broadcast('transfer', { transferId: 'a' } as TransferInfo);
    assert.deepEqual(
      (await Promise.all(seen)).map(({ transferId }) => transferId),
      ['a', 'a'],
    );
    const left = clients(1);
    one.dispose();
    one.dispose();
    await left;
  });

  it('cancels at the peer what the client gives up', async () => {
    const one = await client();
    const reached = Promise.withResolvers<AbortSignal>();
    handle = (_method, _params, signal) =>
      new Promise((_resolve, reject) => {
        reached.resolve(signal);
        signal.addEventListener('abort', () => {
          reject(new PeerError('cancelled', 'Cancelled.'));
        });
      });
    const controller = new AbortController();
    const request = one.request('find', { share: 'x' }, controller.signal);
    const signal = await reached.promise;
    assert.equal(signal.aborted, false);
    controller.abort();
    await rejects('cancelled', () => request);
    assert.ok(signal.aborted);
    await rejects('cancelled', () => one.request('find', { share: 'x' }, controller.signal));
    assert.equal(handled.length, 1);
  });

  it('ends open requests with closed when the peer goes away, and later ones at once', async () => {
    const one = await client();
    const reached = Promise.withResolvers<undefined>();
    handle = () => {
      reached.resolve(undefined);
      return new Promise(() => undefined);
    };
    const closed = new Promise<void>((resolve) => {
      one.onClose(resolve);
    });
    const late = new AbortController();
    const request = one.request('status', null, late.signal);
    await reached.promise;
    server.dispose();
    server.dispose();
    await closed;
    late.abort(); // disturbs nobody any more
    await rejects('closed', () => request);
    await rejects('closed', () => one.request('status', null));
  });

  it('ends open requests with closed when the client is disposed of', async () => {
    const one = await client();
    handle = () => new Promise(() => undefined);
    const request = one.request('status', null);
    one.dispose();
    await rejects('closed', () => request);
    await rejects('closed', () => one.request('status', null));
  });

  it('lets nobody in without the secret', async () => {
    const { rpc, socket } = await raw();
    const proof = await hello(rpc);
    const closed = once(socket, 'close');
    const wrong = proof.startsWith('0') ? `1${proof.slice(1)}` : `0${proof.slice(1)}`;
    await assert.rejects(rpc.sendRequest(proveMethod, { proof: wrong }));
    await closed;
    assert.equal(server.clients, 0);
  });

  it('does not take the server’s own proof, nor one for another greeting', async () => {
    for (const reflect of [true, false]) {
      const { rpc } = await raw();
      const answer = helloResult.parse(
        await rpc.sendRequest(helloMethod, { nonce, ...contractVersions }),
      );
      const old = reflect ? answer.proof : await hello((await raw()).rpc);
      await assert.rejects(rpc.sendRequest(proveMethod, { proof: old }));
    }
    assert.equal(server.clients, 0);
  });

  it('answers and tells nothing to a client that has proved nothing', async () => {
    const { rpc } = await raw();
    let told = 0;
    rpc.onNotification(() => {
      told += 1;
    });
    await assert.rejects(rpc.sendRequest('status', null));
    await hello(rpc);
    await assert.rejects(rpc.sendRequest('status', null));
    server.broadcast('transfer', { transferId: 'a' } as TransferInfo);
    await assert.rejects(rpc.sendRequest(proveMethod, { proof: 5 }));
    assert.deepEqual(handled, []);
    assert.equal(told, 0);
  });

  it('refuses clients of other versions with a reason', async () => {
    const { rpc } = await raw();
    await assert.rejects(
      rpc.sendRequest(helloMethod, { nonce, min: contractVersions.max + 1, max: 9 }),
      (error) => {
        const { data } = error as { data: { code: string } };
        return data.code === 'unsupported';
      },
    );
    await assert.rejects(rpc.sendRequest(helloMethod, { nonce: 'x' }));
  });

  it('goes on serving others while somebody sends garbage', async () => {
    const garbage = [
      'GET / HTTP/1.1\r\n\r\n',
      'Content-Length: -5\r\n\r\n{}',
      'Content-Length: 5\r\n\r\n{{{{{',
      'Content-Length: 99999999999\r\n\r\nx',
      Buffer.from([0, 1, 2, 255, 254, 13, 10, 13, 10]),
      'Content-Length: 2\r\n\r\n[]',
      'Content-Length: 4\r\n\r\nnull',
    ];
    for (const bytes of garbage) {
      const { socket } = await raw();
      socket.write(bytes);
    }
    const one = await client();
    assert.equal(await one.request('status', null), null);
    assert.equal(server.clients, 1);
  });

  it('keeps little of what comes before the proof', async () => {
    const { socket } = await raw();
    socket.write(`Content-Length: ${String(1 << 30)}\r\n\r\n`);
    let sent = 0;
    while (!socket.closed && sent < 64 << 20) {
      const written = Promise.withResolvers<unknown>();
      socket.write(Buffer.alloc(64 * 1024), written.resolve);
      await written.promise;
      sent += 64 * 1024;
    }
    assert.ok(sent < 8 << 20, `${String(sent)} bytes were taken`);
    const one = await client();
    assert.equal(await one.request('find', { share: 'x'.repeat(1 << 20) }), null);
  });

  it('leaves no timer behind for a message that was never finished', async () => {
    const timers = (): number =>
      process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const one = await client();
    const before = timers();
    const { socket } = await raw();
    const closed = once(socket, 'close');
    socket.end('Content-Length: 100\r\n\r\n{');
    await closed;
    await one.request('status', null);
    assert.equal(timers(), before);
  });

  it('does not count a client that left while it was proving itself', async () => {
    const { rpc, socket } = await raw();
    const proof = await hello(rpc);
    const call = { jsonrpc: '2.0', id: 9, method: proveMethod, params: [{ proof }] };
    const body = JSON.stringify(call);
    const closed = once(socket, 'close');
    socket.end(`Content-Length: ${String(body.length)}\r\n\r\n${body}`);
    await closed;
    // Whoever comes after it was read after it.
    const one = await client();
    await one.request('status', null);
    one.dispose();
    await clients(0);
    assert.equal(server.clients, 0);
  });

  it('never leaves the secret of a dead peer where its own is looked for', async () => {
    server.dispose();
    writeEndpoint(dataDir, { endpoint: '/stale.sock', pid: 1, secret: 'ab'.repeat(32) });
    const starting = start();
    const now = endpoint(); // before it listens
    server = await starting;
    assert.deepEqual(now, endpoint());
    await client();
  });

  it('removes what it wrote', () => {
    server.dispose();
    assert.equal(readEndpoint(dataDir), null);
    assert.ok(!existsSync(path.join(dataDir, 'control.sock')));
  });

  it('does not trust whoever answers at the socket without the secret', async () => {
    const real = endpoint();
    await rejects('not-trusted', () => connectControl({ ...real, secret: 'cd'.repeat(32) }));
    server.dispose();
    writeEndpoint(dataDir, real);
    await rejects('unreachable', () => connectControl(real));
    const answers: unknown[] = [{}, null, { nonce: 'x', proof: 'y', version: 1, peerVersion: '' }];
    for (const answer of answers) {
      const impostor = createServer((socket) => {
        const rpc = messageChannel(socket);
        rpc.onRequest(helloMethod, () => answer);
        rpc.onError(() => undefined);
        rpc.listen();
      });
      impostor.listen(real.endpoint);
      await once(impostor, 'listening');
      await rejects('not-trusted', () => connectControl(real));
      await new Promise((resolve) => impostor.close(resolve));
    }
  });

  it('is not kept waiting by a peer that ends during the greeting', async () => {
    const real = endpoint();
    server.dispose();
    const rude = createServer((socket) => {
      socket.once('data', () => socket.destroy());
    });
    rude.listen(real.endpoint);
    await once(rude, 'listening');
    // Its deadline would end the greeting as `timeout`.
    await rejects('closed', () => connectControl(real));
    await new Promise((resolve) => rude.close(resolve));
  });

  it('is attached to when it runs, and missed in words when not', async () => {
    const options = { dataDir, runtimeDir: dataDir, start: false };
    const one = await attach(options);
    assert.equal(one.peerVersion, '1.2.3');
    one.dispose();
    server.dispose();
    const error = await rejects('closed', () => attach(options));
    assert.ok(error.hint);
  });
});
