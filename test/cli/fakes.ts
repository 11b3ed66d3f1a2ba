import { PeerError } from '../../src/common/errors.js';
import type {
  ControlClient,
  ControlEvents,
  ControlMethod,
  ControlRequests,
  ListedShare,
  PeerInfo,
  PeerStatus,
  SelfInfo,
  ShareInfo,
  TransferInfo,
} from '../../src/control/contract.js';
import type { CliDeps, TextSource } from '../../src/cli/deps.js';
import { createProgram } from '../../src/cli/program.js';

export const self: SelfInfo = {
  nodeId: 'a'.repeat(64),
  nodeIdText: 'AAAAAAA-BBBBBBB',
  name: 'alice',
  groupId: 'b'.repeat(64),
  groupName: 'team',
  admin: true,
  role: 'admin',
  removed: null,
};

export const status: PeerStatus = {
  version: '0.1.0',
  pid: 42,
  dataDir: '/data',
  listening: '127.0.0.1:4000',
  stays: true,
  self,
  peersOnline: 3,
  peersKnown: 3,
  shares: 1,
  storedBytes: 1_500_000,
  space: { lends: null, used: 1_200_000 },
  transfersRunning: 0,
};

export const share: ShareInfo = {
  shareId: '0123456789abcdef0123456789abcdef',
  name: 'model.bin',
  kind: 'file',
  entries: 1,
  size: 18_000_000,
  sha256: 'c'.repeat(64),
  authorId: self.nodeId,
  authorName: 'alice',
  createdAt: 0,
  k: 2,
  m: 2,
  chunksPerShard: 100,
  lineage: 'd'.repeat(32),
  superseded: false,
  holders: [],
  spare: 2,
  verified: null,
};

export const listed: ListedShare = {
  shareId: share.shareId,
  name: share.name,
  kind: 'file',
  size: share.size,
  authorId: share.authorId,
  authorName: share.authorName,
  createdAt: share.createdAt,
  k: 2,
  m: 2,
  spare: 2,
  superseded: false,
};

export function peer(fields: Partial<PeerInfo>): PeerInfo {
  return {
    nodeId: 'e'.repeat(64),
    name: 'bob',
    address: '127.0.0.1:4001',
    state: 'online',
    admin: false,
    role: 'member',
    lost: false,
    latencyMs: 1,
    lastSeen: 0,
    shards: 2,
    stays: true,
    space: null,
    problem: null,
    ...fields,
  };
}

export function transfer(fields: Partial<TransferInfo>): TransferInfo {
  return {
    transferId: 't',
    kind: 'get',
    resumable: false,
    name: 'model.bin',
    shareId: share.shareId,
    path: null,
    state: 'running',
    bytesDone: 420,
    bytesTotal: 1000,
    bytesPerSecond: 100,
    peers: 3,
    startedAt: 0,
    endedAt: null,
    error: null,
    ...fields,
  };
}

/** Answers by method: a value, or a function of the parameters. */
export type Answers = {
  [M in ControlMethod]?: (
    params: ControlRequests[M]['params'],
    client: FakeClient,
  ) => ControlRequests[M]['result'] | Promise<ControlRequests[M]['result']>;
};

/** A peer that answers from a table. Notes what it was asked. */
export class FakeClient implements ControlClient {
  readonly peerVersion = '0.1.0';
  readonly asked: { readonly method: ControlMethod; readonly params: unknown }[] = [];
  disposed = 0;
  readonly #listeners = new Map<string, Set<(value: never) => void>>();

  constructor(private readonly answers: Answers) {}

  async request<M extends ControlMethod>(
    method: M,
    params: ControlRequests[M]['params'],
  ): Promise<ControlRequests[M]['result']> {
    this.asked.push({ method, params });
    const answer = this.answers[method];
    if (answer) return answer(params, this);
    if (method === 'status') return status;
    throw new PeerError('internal', `nobody expected ${method}`);
  }

  on<E extends keyof ControlEvents>(
    event: E,
    listener: (value: ControlEvents[E]) => void,
  ): { dispose(): void } {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners);
    listeners.add(listener);
    return { dispose: () => listeners.delete(listener) };
  }

  emit<E extends keyof ControlEvents>(event: E, value: ControlEvents[E]): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(value as never);
  }

  onClose(): { dispose(): void } {
    return { dispose: () => undefined };
  }

  dispose(): void {
    this.disposed += 1;
  }

  params(method: ControlMethod): unknown {
    return this.asked.find((call) => call.method === method)?.params;
  }
}

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Lines of stdout, parsed. */
  json(): Record<string, unknown>[];
}

/** Runs one command line against a fake peer. */
export async function runCli(
  args: readonly string[],
  client: ControlClient,
  changes: Partial<CliDeps> & { readonly tty?: boolean } = {},
): Promise<Outcome> {
  const written = { stdout: '', stderr: '' };
  const sink = (name: 'stdout' | 'stderr') => ({
    isTTY: changes.tty ?? false,
    columns: 80,
    write: (chunk: string | Uint8Array, done?: (error?: Error | null) => void) => {
      written[name] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('latin1');
      done?.();
    },
  });
  const deps: CliDeps = {
    version: '9.9.9',
    attach: () => Promise.resolve(client),
    runtimeDir: '/runtime',
    runServe: () => Promise.resolve(),
    initGroup: () => Promise.resolve(self),
    joinGroup: () => Promise.resolve(self),
    defaultDataDir: () => '/default',
    hostName: 'box',
    cwd: '/somewhere',
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    stdin: source(''),
    env: {},
    signal: new AbortController().signal,
    ...changes,
  };
  const code = await createProgram(deps).run(args);
  return {
    code,
    ...written,
    json: () =>
      written.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

export function source(...parts: readonly string[]): TextSource {
  return {
    async *[Symbol.asyncIterator]() {
      for (const part of parts) yield await Promise.resolve(part);
    },
  };
}
