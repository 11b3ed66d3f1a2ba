/**
 * One end of the plain TLS stream that transfers are compared with, as a process of its own:
 * `tlsEnd receive IDENTITY` prints its port, takes one stream, prints how long it took;
 * `tlsEnd send IDENTITY PORT FILE` sends a file. What is received is counted and thrown away.
 */
import { createReadStream } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import { loadOrCreateIdentity } from '../../src/net/identity.js';

const pieceSize = 1 << 20;

async function receive(folder: string): Promise<void> {
  const { certificate, privateKey } = await loadOrCreateIdentity(folder);
  const options = { cert: certificate, key: privateKey, minVersion: 'TLSv1.3' } as const;
  const server = createServer(options, (socket) => {
    const started = performance.now();
    let bytes = 0;
    socket.on('data', (data: Buffer) => {
      bytes += data.byteLength;
    });
    socket.once('end', () => {
      console.log(JSON.stringify({ bytes, seconds: (performance.now() - started) / 1000 }));
      socket.destroy();
      server.close();
    });
  });
  server.listen(0, '127.0.0.1', () => {
    console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }));
  });
}

function send(port: number, file: string): void {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
    createReadStream(file, { highWaterMark: pieceSize }).pipe(socket);
  });
  socket.resume();
}

const [mode, folder = '', port, file = ''] = process.argv.slice(2);
if (mode === 'receive') void receive(folder);
else send(Number(port), file);
