/**
 * One end of a plain stream over loopback, as a process of its own: `streamEnd tcp|tls receive IDENTITY` prints its
 * port, takes one stream and prints how many bytes came; `streamEnd tcp|tls send PORT FILE` connects, and sends a
 * file when SIGUSR2 comes. What is received is counted and thrown away. `streamEnd https serve IDENTITY FILE` serves a file.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer as createHttpsServer } from 'node:https';
import { connect as connectTcp, createServer as createTcpServer, type Server } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { loadOrCreateIdentity } from '../../../src/net/identity.js';

const pieceSize = 1 << 20;

async function tlsOptions(
  folder: string,
): Promise<{ cert: string; key: string; minVersion: 'TLSv1.3' }> {
  const { certificate, privateKey } = await loadOrCreateIdentity(folder);
  return { cert: certificate, key: privateKey, minVersion: 'TLSv1.3' };
}

async function receive(secure: boolean, folder: string): Promise<void> {
  const take = (socket: Socket): void => {
    let bytes = 0;
    socket.on('data', (data: Buffer) => {
      bytes += data.byteLength;
    });
    socket.once('end', () => {
      console.log(`received ${bytes}`);
      socket.destroy();
      server.close();
    });
  };
  const server = secure ? createTlsServer(await tlsOptions(folder), take) : createTcpServer(take);
  listen(server);
}

function send(secure: boolean, port: number, file: string): void {
  const ready = (): void => {
    process.once('SIGUSR2', () => {
      createReadStream(file, { highWaterMark: pieceSize }).pipe(socket);
    });
    console.log('ready');
  };
  const options = { port, host: '127.0.0.1' };
  const socket: Socket = secure
    ? connectTls({ ...options, rejectUnauthorized: false }, ready)
    : connectTcp(options, ready);
  socket.resume();
}

async function serve(folder: string, file: string): Promise<void> {
  const { size } = await stat(file);
  const server = createHttpsServer(await tlsOptions(folder), (_request, response) => {
    response.writeHead(200, { 'content-length': size });
    pipeline(createReadStream(file, { highWaterMark: pieceSize }), response).catch(
      () => undefined, // the client went away: it says so itself
    );
  });
  listen(server);
}

function listen(server: Server): void {
  server.listen(0, '127.0.0.1', () => {
    console.log(`listening ${(server.address() as AddressInfo).port}`);
  });
}

const [kind, mode, first = '', second = ''] = process.argv.slice(2);
if (kind === 'https') void serve(first, second);
else if (mode === 'receive') void receive(kind === 'tls', first);
else send(kind === 'tls', Number(first), second);
