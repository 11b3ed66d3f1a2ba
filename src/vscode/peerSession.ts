import type {
  AttachOptions,
  ControlClient,
  ControlEvents,
  PeerStatus,
  Settings,
  TransferInfo,
} from '../control/contract.js';
import { DisposableStore, type Disposable } from '../common/disposable.js';
import { PeerError } from '../common/errors.js';
import { Emitter } from '../common/events.js';
import { hostOf } from '../common/hostPort.js';
import type { Logger } from '../common/logger.js';
import type { ContextKeys } from './ids.js';

export type SessionState = ContextKeys['chunkPartitioner.peerState'];

export interface SessionDependencies {
  readonly attach: (options: AttachOptions) => Promise<ControlClient>;
  readonly target: () => Pick<AttachOptions, 'dataDir' | 'runtimeDir'>;
  /** What the user configured; sent to the peer whenever the session attaches. */
  readonly settings: () => Settings;
  readonly stopNote: StopNote;
  readonly log: Logger;
  /** Waits between attempts to attach again, in milliseconds. */
  readonly retryDelays?: readonly number[];
}

/** How the windows of one user tell each other that a peer was stopped on purpose, by process id. */
export interface StopNote {
  write(pid: number): Promise<void>;
  read(): Promise<number | undefined>;
}

const attachDeadline = 30_000;
const requestDeadline = 15_000;

/**
 * This window's tie to the peer process of one data directory: attaches when first needed, attaches again when the channel ends
 * unexpectedly, and tells the views. Knows nothing of the editor.
 */
export class PeerSession implements Disposable {
  readonly #stateChanged = new Emitter<SessionState>();
  readonly #changed = new Emitter<ControlEvents['changed']>();
  readonly #transferred = new Emitter<TransferInfo>();
  readonly onDidChangeState = this.#stateChanged.event;
  readonly onDidChange = this.#changed.event;
  readonly onDidTransfer = this.#transferred.event;
  readonly #portTaken = new Emitter<{ readonly listen: string; readonly listening: string }>();
  /** The peer cannot listen where the user wants it (`host:port`), and listens elsewhere. */
  readonly onDidFindPortTaken = this.#portTaken.event;

  #state: SessionState = 'idle';
  #status: PeerStatus | undefined;
  #client: ControlClient | undefined;
  #clientParts: DisposableStore | undefined;
  #attaching:
    { readonly abort: AbortController; readonly done: Promise<ControlClient> } | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #lastError: PeerError | undefined;
  #disposed = false;

  constructor(private readonly deps: SessionDependencies) {}

  get state(): SessionState {
    return this.#state;
  }

  /** Last known status of the attached peer. */
  get status(): PeerStatus | undefined {
    return this.#status;
  }

  /** Why the last attempt to attach failed. */
  get lastError(): PeerError | undefined {
    return this.#lastError;
  }

  /** The attached client, or undefined; never starts anything. */
  get attached(): ControlClient | undefined {
    return this.#client;
  }

  /** The client, attached, with a peer started where none runs. @throws {PeerError} */
  client(): Promise<ControlClient> {
    if (this.#client !== undefined) return Promise.resolve(this.#client);
    return this.#attach(true);
  }

  /** Attaches if nobody has asked for it yet; somebody looks at a view. The state tells how it went. */
  wake(): void {
    if (this.#state !== 'idle') return;
    this.client().catch((error: unknown) => {
      this.deps.log.debug(`The views tell why: ${PeerError.from(error).message}`);
    });
  }

  /** Ends the peer process for all windows of this user. @throws {PeerError} */
  async stop(): Promise<void> {
    clearTimeout(this.#retry);
    let client = this.#client;
    try {
      client ??= await this.#attach(false);
    } catch (error) {
      this.#setState('stopped');
      if (PeerError.is(error, 'closed')) return;
      throw error;
    }
    const status = this.#status ?? (await client.request('status', null, deadline()));
    await this.deps.stopNote.write(status.pid);
    try {
      await client.request('shutdown', null, deadline());
    } catch (error) {
      // A process that ends at once may take its answer along.
      if (!PeerError.is(error, 'closed')) throw error;
    }
    this.#drop('stopped');
  }

  /** Sends the user's settings to the attached peer. @throws {PeerError} */
  async configure(settings: Settings = this.deps.settings()): Promise<void> {
    const client = this.#client;
    if (client === undefined || Object.keys(settings).length === 0) return;
    try {
      this.#status = await client.request('configure', settings, deadline());
    } catch (error) {
      const { listen, ...others } = settings;
      if (!PeerError.is(error, 'in-use') || listen === undefined) throw error;
      // The other settings are no worse for that.
      const status = await configureBeside(client, others, listen);
      this.#status = status;
      this.deps.log.warn(`The peer cannot listen on ${listen}.`, error);
      this.#portTaken.fire({ listen, listening: status.listening });
    }
    this.#changed.fire({ topics: ['peers', 'status'] });
  }

  /** Reads the status again and tells the views. */
  async refresh(): Promise<void> {
    const client = this.#client;
    if (client === undefined) return;
    const status = await client.request('status', null, deadline());
    if (client !== this.#client) return;
    this.#status = status;
    this.#changed.fire({ topics: ['peers', 'shares', 'status'] });
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#drop('stopped');
    this.#disposed = true;
    this.#stateChanged.dispose();
    this.#changed.dispose();
    this.#transferred.dispose();
    this.#portTaken.dispose();
  }

  #attach(start: boolean): Promise<ControlClient> {
    if (this.#disposed)
      return Promise.reject(new PeerError('closed', 'The editor has let go of this peer.'));
    if (this.#attaching !== undefined) return this.#attaching.done;
    clearTimeout(this.#retry);
    const abort = new AbortController();
    const done = this.#attachNow(start, abort).finally(() => {
      if (this.#attaching?.abort === abort) this.#attaching = undefined;
    });
    this.#attaching = { abort, done };
    this.#setState('starting');
    return done;
  }

  async #attachNow(start: boolean, abort: AbortController): Promise<ControlClient> {
    const signal = AbortSignal.any([abort.signal, AbortSignal.timeout(attachDeadline)]);
    let client: ControlClient | undefined;
    try {
      client = await this.deps.attach({ ...this.deps.target(), start, signal });
      signal.throwIfAborted();
      this.#adopt(client);
      await this.configure().catch((error: unknown) => {
        this.deps.log.warn(`The peer did not take the settings: ${PeerError.from(error).message}`);
      });
      this.#status = await client.request('status', null, deadline());
      abort.signal.throwIfAborted();
      this.#lastError = undefined;
      this.deps.log.info(
        `Attached to peer ${client.peerVersion}, process ${String(this.#status.pid)}.`,
      );
      this.#setState('running');
      return client;
    } catch (cause) {
      const error = attachError(cause, abort.signal, signal);
      client?.dispose();
      if (!abort.signal.aborted) {
        this.#forgetClient();
        this.#lastError = error;
        this.#setState(start ? 'failed' : 'stopped');
        this.deps.log.warn(`Could not attach to the peer: ${error.message}`);
      }
      throw error;
    }
  }

  #adopt(client: ControlClient): void {
    this.#client = client;
    const parts = new DisposableStore();
    this.#clientParts = parts;
    parts.add(
      client.on('transfer', (transfer) => {
        this.#transferred.fire(transfer);
      }),
    );
    parts.add(
      client.on('changed', (change) => {
        if (change.topics.includes('shares')) this.#changed.fire({ topics: ['shares'] });
        if (change.topics.some((topic) => topic !== 'shares')) this.#refreshQuietly();
      }),
    );
    parts.add(
      client.onClose(() => {
        this.#closed(client);
      }),
    );
  }

  #refreshQuietly(): void {
    this.refresh().catch((error: unknown) => {
      this.deps.log.debug(`Could not read the status: ${PeerError.from(error).message}`);
    });
  }

  #closed(client: ControlClient): void {
    if (client !== this.#client) return;
    const pid = this.#status?.pid;
    const wasRunning = this.#state === 'running';
    this.#forgetClient();
    if (!wasRunning) return; // the attempt that is under way reports it
    this.#setState('stopped');
    this.deps.log.warn('The peer process ended or closed the channel.');
    this.#scheduleRetry(pid, 0);
  }

  #scheduleRetry(pid: number | undefined, attempt: number): void {
    const delay = (this.deps.retryDelays ?? [500, 1000, 2000, 4000, 8000, 16_000, 30_000])[attempt];
    if (delay === undefined || this.#disposed) return;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      void this.#attachAgain(pid, attempt);
    }, delay);
  }

  async #attachAgain(pid: number | undefined, attempt: number): Promise<void> {
    try {
      const stopped = await this.deps.stopNote.read();
      if (stopped !== undefined && stopped === pid) return;
      if (this.#state === 'running' || this.#disposed) return;
      await this.#attach(true);
    } catch {
      this.#scheduleRetry(pid, attempt + 1);
    }
  }

  /** Lets go of everything, quietly. */
  #drop(state: SessionState): void {
    clearTimeout(this.#retry);
    this.#attaching?.abort.abort();
    this.#attaching = undefined;
    const client = this.#client;
    this.#forgetClient();
    client?.dispose();
    this.#setState(state);
  }

  #forgetClient(): void {
    this.#clientParts?.dispose();
    this.#clientParts = undefined;
    this.#client = undefined;
    this.#status = undefined;
  }

  #setState(state: SessionState): void {
    if (this.#state === state || this.#disposed) return;
    this.#state = state;
    this.#stateChanged.fire(state);
  }
}

/**
 * Settings without the address `listen`, which is taken. The peer goes on where it listens if that is at the same host, and
 * else at another port there: who wants to be reached at one host alone has a reason.
 */
async function configureBeside(
  client: ControlClient,
  others: Settings,
  listen: string,
): Promise<PeerStatus> {
  const status = await client.request('configure', others, deadline());
  const host = hostOf(listen);
  if (hostOf(status.listening) === host) return status;
  try {
    return await client.request('configure', { listen: `${host}:0` }, deadline());
  } catch (error) {
    if (PeerError.is(error, 'in-use')) return status; // no address of this machine
    throw error;
  }
}

function deadline(): AbortSignal {
  return AbortSignal.timeout(requestDeadline);
}

function attachError(cause: unknown, user: AbortSignal, whole: AbortSignal): PeerError {
  if (user.aborted) return new PeerError('cancelled', 'Attaching was cancelled.', { cause });
  if (PeerError.is(cause) || !whole.aborted) return PeerError.from(cause);
  return new PeerError('timeout', 'The peer did not answer in time.', {
    cause,
    hint: 'Open the log, then start the peer again.',
  });
}
