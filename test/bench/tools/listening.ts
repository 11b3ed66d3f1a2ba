import { connect } from 'node:net';
import { deadline, poll } from './deadline.js';

/** Resolves once something listens at the port of 127.0.0.1. @throws after 30 s, or when `signal` aborts */
export async function listening(port: number, signal: AbortSignal): Promise<void> {
  await poll(() => answers(port), deadline(signal, 30), 50);
}

function answers(port: number): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(undefined);
    });
  });
}
