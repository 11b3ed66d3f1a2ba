import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { toDisposable, type Disposable } from '../../src/common/disposable.js';

/** Whether nothing may pass between two peers. */
export type Parts = (one: number, other: number) => boolean;

/** `reset`: both ends are told. `silent`: nothing arrives any more, and nobody is told. */
export type CutKind = 'reset' | 'silent';

/** A connection that one peer made to another. */
interface Line {
  readonly from: number;
  readonly to: number;
  /** The two sockets of this process that it runs through. */
  readonly ends: readonly [Socket, Socket];
  isSilent: boolean;
}

interface Watch {
  readonly peer: number;
  left: number;
  readonly reached: () => void;
}

const nothing: Parts = () => false;

/**
 * Every connection between the peers of a run, relayed through this process, so that it can be cut: one listener for
 * each pair, at an address of the loopback that belongs to the one who dials (see detour.cjs). Linux only.
 */
export class Switchboard {
  readonly #servers = new Map<string, Server>();
  readonly #lines = new Set<Line>();
  readonly #watches = new Set<Watch>();
  #parts = nothing;
  #kind: CutKind = 'reset';

  /** Where what this peer dials is answered. */
  static addressOf(peer: number): string {
    return `127.0.${100 + peer}.1`;
  }

  /** From now on one peer can dial another, which listens at this port of 127.0.0.1. */
  async join(from: number, to: number, port: number): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      this.#accept(socket, from, to, port);
    });
    server.listen(port, Switchboard.addressOf(from));
    await once(server, 'listening');
    this.#servers.set(`${from} ${to}`, server);
  }

  /** Nobody dials this peer any more, and it dials nobody. */
  leave(peer: number): void {
    for (const [key, server] of this.#servers) {
      if (!key.split(' ').includes(String(peer))) continue;
      server.close();
      this.#servers.delete(key);
    }
  }

  /** Cuts all that `parts` parts, now and from now on. */
  cut(parts: Parts, kind: CutKind): void {
    this.#parts = parts;
    this.#kind = kind;
    for (const line of this.#lines) if (parts(line.from, line.to)) this.#cut(line);
  }

  /** Whatever was silent goes on where it was. */
  restore(): void {
    this.#parts = nothing;
    for (const line of this.#lines) {
      line.isSilent = false;
      for (const end of line.ends) end.resume();
    }
  }

  /** Calls back when so many bytes have come from or gone to a peer, unless it is disposed of before. */
  whenMoved(peer: number, bytes: number, reached: () => void): Disposable {
    const watch = { peer, left: bytes, reached };
    this.#watches.add(watch);
    return toDisposable(() => this.#watches.delete(watch));
  }

  close(): void {
    for (const server of this.#servers.values()) server.close();
    for (const { ends } of this.#lines) for (const end of ends) end.destroy();
  }

  #accept(socket: Socket, from: number, to: number, port: number): void {
    const isCut = this.#parts(from, to);
    if (isCut && this.#kind === 'reset') {
      socket.resetAndDestroy();
      return;
    }
    const localAddress = Switchboard.addressOf(from);
    const other = connect({ port, host: '127.0.0.1', localAddress, allowHalfOpen: true });
    const line: Line = { from, to, ends: [socket, other], isSilent: false };
    this.#lines.add(line);
    this.#forward(line, socket, other);
    this.#forward(line, other, socket);
    if (isCut) this.#cut(line);
  }

  #forward(line: Line, source: Socket, target: Socket): void {
    source.setNoDelay(true);
    source.on('data', (chunk) => {
      this.#count(line, chunk.length);
      if (!target.write(chunk)) source.pause();
    });
    target.on('drain', () => {
      if (!line.isSilent) source.resume();
    });
    source.on('end', () => target.end());
    source.on('error', () => undefined); // the close that follows says enough
    source.on('close', () => {
      target.destroySoon();
      this.#lines.delete(line);
    });
  }

  #cut(line: Line): void {
    line.isSilent = true;
    for (const end of line.ends) {
      if (this.#kind === 'reset') end.resetAndDestroy();
      else end.pause();
    }
  }

  #count({ from, to }: Line, bytes: number): void {
    for (const watch of this.#watches) {
      if (watch.peer !== from && watch.peer !== to) continue;
      watch.left -= bytes;
      if (watch.left >= 0) continue;
      this.#watches.delete(watch);
      watch.reached();
    }
  }
}
