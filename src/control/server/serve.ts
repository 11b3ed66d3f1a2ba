import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { DisposableStore, toDisposable } from '../../common/disposable.js';
import { PeerError } from '../../common/errors.js';
import { hostOf } from '../../common/hostPort.js';
import type { Logger } from '../../common/logger.js';
import { formatNodeId } from '../../net/nodeIdText.js';
import type { Peer } from '../../peer/peer.js';
import type { Settings } from '../contract.js';
import { ControlServer } from './controlServer.js';
import { openPeer, type OpenedPeer } from './openPeer.js';
import { controlMethods } from './params.js';
import { PeerService } from './peerService.js';
import { processLimits } from '../limits.js';

export interface ServeOptions {
  readonly dataDir: string;
  readonly runtimeDir: string;
  readonly version: string;
  /** `host:port`; kept for later runs. Absent: what was used last. */
  readonly listen?: string;
  /** False: this run does not announce or look for anything on the local network. */
  readonly discovery?: boolean;
  /** Started by a client: ends when no client is attached, unless it promised to stay. */
  readonly background: boolean;
  /** Changed before it starts, and kept for later runs. */
  readonly settings?: Pick<Settings, 'lend' | 'versions' | 'versionDays'>;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly onListening: (info: {
    readonly address: string;
    readonly nodeIdText: string;
    readonly groupName: string | null;
  }) => void;
}

/** Runs the peer of a data directory until the signal, a client's word, or idleness ends it. */
export async function serve(options: ServeOptions): Promise<void> {
  const { dataDir, version, logger } = options;
  const { peer, store, close } = await openWhenFree(options);
  const ended = new AbortController();
  const stop = (): void => {
    ended.abort();
  };
  const parts = new DisposableStore();
  try {
    const { settings = {} } = options;
    if (Object.keys(settings).length > 0) await peer.settings.change(settings);
    const address = await listenAgain(peer, options.listen);
    const service = new PeerService({
      peer,
      store,
      version,
      dataDir,
      shutdown: () => {
        server.retire();
        setTimeout(stop, processLimits.farewellMs);
      },
    });
    const server = parts.add(
      await ControlServer.start({ dataDir, version, methods: controlMethods, service, logger }),
    );
    forwardChanges(peer, server, parts);
    if (options.background) stopWhenIdle(peer, server, parts, stop);
    options.onListening({
      address,
      nodeIdText: formatNodeId(peer.membership.nodeId),
      groupName: peer.membership.hasGroup ? peer.membership.roster.name : null,
    });
    const signal = AbortSignal.any([options.signal, ended.signal]);
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    parts.dispose();
    await close();
  }
}

/** @throws {PeerError} `in-use`: at once in the foreground, after a while in the background */
async function openWhenFree(options: ServeOptions): Promise<OpenedPeer> {
  const { dataDir, runtimeDir, logger, background, signal, discovery = true } = options;
  const until = performance.now() + (background ? processLimits.takeOverMs : 0);
  for (;;) {
    try {
      return await openPeer({ dataDir, runtimeDir, logger, foreground: !background, discovery });
    } catch (error) {
      if (!PeerError.is(error, 'in-use') || performance.now() >= until) throw error;
      await delay(processLimits.takeOverEveryMs, undefined, { signal });
    }
  }
}

/** Others remember where this peer was: the port of the last run is asked for first. */
async function listenAgain(peer: Peer, wanted: string | undefined): Promise<string> {
  const listen = wanted ?? peer.settings.current.listen;
  try {
    const address = await peer.start(listen);
    if (wanted !== undefined || listen.endsWith(':0')) {
      await peer.settings.change({ listen: keepHost(listen, address) });
    }
    return address;
  } catch (error) {
    if (wanted !== undefined || listen.endsWith(':0')) throw error;
    const address = await peer.start(listen.replace(/:\d+$/, ':0'));
    await peer.settings.change({ listen: keepHost(listen, address) });
    return address;
  }
}

function keepHost(listen: string, bound: string): string {
  return hostOf(listen) + bound.slice(bound.lastIndexOf(':'));
}

/** Tells clients what to read again, batched. */
function forwardChanges(peer: Peer, server: ControlServer, parts: DisposableStore): void {
  const topics = new Set<'peers' | 'shares' | 'status'>();
  let timer: NodeJS.Timeout | undefined;
  parts.add(
    toDisposable(() => {
      clearTimeout(timer);
    }),
  );
  parts.add(
    peer.onDidChange((topic) => {
      topics.add(topic);
      timer ??= setTimeout(() => {
        timer = undefined;
        server.broadcast('changed', { topics: [...topics] });
        topics.clear();
      }, processLimits.batchMs);
    }),
  );
  parts.add(
    peer.transfers.onDidChange((transfer) => {
      server.broadcast('transfer', transfer);
    }),
  );
}

function stopWhenIdle(
  peer: Peer,
  server: ControlServer,
  parts: DisposableStore,
  stop: () => void,
): void {
  let timer: NodeJS.Timeout | undefined;
  const check = (ms: number): void => {
    clearTimeout(timer);
    const busy = server.clients > 0 || peer.transfers.running > 0 || peer.stays;
    if (!busy) timer = setTimeout(stop, ms);
  };
  parts.add(
    toDisposable(() => {
      clearTimeout(timer);
    }),
  );
  parts.add(
    server.onDidChangeClients(() => {
      check(processLimits.idleMs);
    }),
  );
  parts.add(
    peer.transfers.onDidChange(() => {
      check(processLimits.idleMs);
    }),
  );
  parts.add(
    peer.settings.onDidChange(() => {
      check(processLimits.idleMs);
    }),
  );
  check(processLimits.firstClientMs);
}
