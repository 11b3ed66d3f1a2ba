import type { AttachOptions, ControlClient, SelfInfo, Settings } from '../control/contract.js';

/** Where text and bytes go. `isTTY` and `columns` as Node's streams have them, and `done` as their `write` calls it. */
export interface TextSink {
  write(chunk: string | Uint8Array, done?: (error?: Error | null) => void): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  /** Of a stream whose reader is slower than its writer. */
  readonly writableNeedDrain?: boolean;
  once?(event: 'drain' | 'close' | 'error', listener: () => void): unknown;
  off?(event: 'drain' | 'close' | 'error', listener: () => void): unknown;
}

/** Where text comes from: a stream of text or UTF-8 bytes that ends. */
export interface TextSource extends AsyncIterable<string | Uint8Array> {
  readonly isTTY?: boolean;
}

export interface ServeOptions {
  readonly dataDir: string;
  /** `host:port`; port 0 lets the system choose. Absent: what the data directory says. */
  readonly listen?: string;
  /** False: nothing is announced or looked for on the local network. */
  readonly discovery: boolean;
  /** Started by a client: ends when no client is attached, unless it promised to stay. */
  readonly background: boolean;
  /** Changed before it starts, and kept for later runs. */
  readonly settings?: Pick<Settings, 'lend' | 'versions' | 'versionDays'>;
  /** Ends the peer cleanly; the call resolves then. */
  readonly signal: AbortSignal;
  onListening(info: ListeningInfo): void;
}

export interface ListeningInfo {
  /** `host:port`. */
  readonly address: string;
  /** Grouped base32, for people. */
  readonly nodeIdText: string;
  /** Null while the data directory belongs to no group. */
  readonly groupName: string | null;
}

export interface InitOptions {
  readonly dataDir: string;
  readonly name: string;
  readonly groupName: string;
  readonly listen?: string;
}

export interface JoinOptions {
  readonly dataDir: string;
  /** Secret. */
  readonly code: string;
  readonly name: string;
  readonly listen?: string;
  readonly signal: AbortSignal;
}

/** All that the terminal needs of the world. The composition root gives it; tests give their own. */
export interface CliDeps {
  readonly version: string;
  attach(options: AttachOptions): Promise<ControlClient>;
  /** Folder that holds the bundles of this build, and `kernel.wasm`: see `control/runtime.ts`. */
  readonly runtimeDir: string;
  runServe(options: ServeOptions): Promise<void>;
  /** Works without a running peer, and leaves none behind. */
  initGroup(options: InitOptions): Promise<SelfInfo>;
  /** Works without a running peer, and leaves none behind. */
  joinGroup(options: JoinOptions): Promise<SelfInfo>;
  defaultDataDir(): string;
  /** What members are shown for this machine when `--name` is not given. */
  readonly hostName: string;
  /** Folder that relative paths are meant from. */
  readonly cwd: string;
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  readonly stdin: TextSource;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by Ctrl-C and by a polite kill. */
  readonly signal: AbortSignal;
}
