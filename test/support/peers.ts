import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { attach } from '../../src/control/attach.js';
import type { ControlClient, PeerInfo } from '../../src/control/contract.js';
import {
  summary,
  repository,
  runCli,
  spawnCli,
  type CliEvent,
  type CliOptions,
  type CliResult,
} from './cliProcess.js';
import { waitFor } from './waitFor.js';

/** Longest wait for a process to listen, to end, or for peers to meet, milliseconds. */
const startDeadlineMs = 30_000;

/** A data directory, and the real `serve` process over it while it runs. */
export class TestPeer {
  #process: ChildProcess | undefined;
  #client: ControlClient | undefined;
  #log = '';
  #address: string;

  constructor(
    readonly name: string,
    readonly dataDir: string,
    readonly options: CliOptions = {},
    /** `host:port` to listen on at first. */
    listen = '127.0.0.1:0',
    /** The data directory as this process sees it: where it runs, others may be mounted. */
    readonly seenDir = dataDir,
  ) {
    this.#address = listen;
  }

  /** `host:port` once it has listened; it listens there again when it is started again. */
  get address(): string {
    return this.#address;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  get running(): boolean {
    return this.#process !== undefined;
  }

  /** What the running process has written on stderr. */
  get log(): string {
    return this.#log;
  }

  /** Runs a verb on this data directory with `--json`. */
  cli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
    return runCli([...args, '--data-dir', this.dataDir, '--json'], {
      ...this.#inherited(),
      ...options,
    });
  }

  /** As {@link cli}; anything but exit 0 is an error. */
  async ok(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
    const result = await this.cli(args, options);
    if (result.code !== 0) {
      throw new Error(`${this.name}: ${args.join(' ')}: ${summary(result)}${this.#log}`);
    }
    return result;
  }

  /** Starts `serve`, with more options where that is wanted, and waits until it says where it listens. */
  async serve(...args: readonly string[]): Promise<void> {
    if (this.#process) throw new Error(`${this.name} runs already`);
    const child = spawnCli(
      ['serve', '--json', '--data-dir', this.dataDir, '--listen', this.#address, ...args],
      this.options,
    );
    this.#process = child;
    this.#log = '';
    child.once('exit', () => {
      this.#process = undefined;
      this.#client?.dispose();
      this.#client = undefined;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#log += text;
    });
    this.#address = await this.#listening(child);
  }

  /** The control channel of the running process. */
  async client(): Promise<ControlClient> {
    this.#client ??= await attach({
      dataDir: this.seenDir,
      runtimeDir: join(repository, 'dist'),
      start: false,
    });
    return this.#client;
  }

  /** Waits until it is connected to all of these. */
  async meets(others: readonly TestPeer[]): Promise<void> {
    const client = await this.client();
    const names = others.filter((other) => other !== this).map((other) => other.name);
    await waitFor(
      client,
      async () => {
        const { peers } = await client.request('peers', null);
        const online = new Set(peers.filter(isOnline).map((peer) => peer.name));
        return names.every((name) => online.has(name));
      },
      `${this.name} to meet ${names.join(', ')}`,
      startDeadlineMs,
    );
  }

  /** Waits until it lists a share. */
  async lists(shareId: string): Promise<void> {
    const client = await this.client();
    await waitFor(
      client,
      () =>
        client.request('find', { share: shareId }).then(
          () => true,
          () => false,
        ),
      `${this.name} to list ${shareId}`,
      startDeadlineMs,
    );
  }

  /** Waits until it knows nothing of a share. */
  async forgets(shareId: string): Promise<void> {
    const client = await this.client();
    await waitFor(
      client,
      () =>
        client.request('find', { share: shareId }).then(
          () => false,
          () => true,
        ),
      `${this.name} to forget ${shareId}`,
      startDeadlineMs,
    );
  }

  /** Waits for what it does to its disk and tells nobody: each turn of this is one of its threads as well. */
  async until(check: () => boolean, what: string, deadlineMs = startDeadlineMs): Promise<void> {
    const client = await this.client();
    const deadline = performance.now() + deadlineMs;
    while (!check()) {
      if (performance.now() > deadline) {
        throw new Error(`not seen that ${this.name} ${what}\n${this.#log.slice(-2000)}`);
      }
      await client.request('status', null);
    }
  }

  /** Ends the process as a power cut would, and waits until it is gone. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** Ends the process cleanly; kills it when it does not end in time. */
  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  /** Waits until the process that runs now has ended, whoever ends it. @returns the signal that did */
  async ended(): Promise<NodeJS.Signals | null> {
    const child = this.#process;
    if (child === undefined) return null;
    await once(child, 'close');
    return child.signalCode;
  }

  /** Stops (`SIGSTOP`) and continues (`SIGCONT`) the process: it holds its sockets and says nothing. */
  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    if (!child) return;
    this.#client?.dispose();
    this.#client = undefined;
    const gone = once(child, 'close');
    const timer = setTimeout(() => child.kill('SIGKILL'), startDeadlineMs);
    child.kill(signal);
    await gone;
    clearTimeout(timer);
  }

  async #listening(child: ChildProcess): Promise<string> {
    const timer = setTimeout(() => child.kill('SIGKILL'), startDeadlineMs);
    try {
      return await new Promise<string>((found, fail) => {
        child.once('error', fail);
        child.once('close', () => {
          fail(new Error(`${this.name} ended before it listened\n${this.#log}`));
        });
        // Read on to the end: a full pipe would block the process, an unread one would keep it open.
        if (!child.stdout) return;
        createInterface({ input: child.stdout }).on('line', (line) => {
          const event = JSON.parse(line) as CliEvent;
          if (event.event === 'listening') found(String(event['address']));
          else if (event.event === 'error') this.#log += `${line}\n`;
        });
      });
    } finally {
      clearTimeout(timer);
    }
  }

  #inherited(): CliOptions {
    const { unguarded, through } = this.options;
    return {
      ...(unguarded === undefined ? {} : { unguarded }),
      ...(through === undefined ? {} : { through }),
    };
  }
}

function isOnline(peer: PeerInfo): boolean {
  return peer.state === 'online';
}

/** Where a peer runs, and the `host:port` that it listens on there. */
export interface Place {
  readonly through: readonly string[];
  readonly listen: string;
}

/** Peers of one group in a throw-away folder. The first made the group, and invites. */
export class TestGroup {
  readonly peers: TestPeer[] = [];
  /** For files to share and to get. */
  readonly filesDir: string;
  #made = 0;

  private constructor(
    readonly root: string,
    readonly options: CliOptions,
    private readonly placeOf: ((index: number) => Place) | undefined,
  ) {
    this.filesDir = join(root, 'files');
  }

  /**
   * Starts a group of `count` peers, all connected to each other.
   *
   * @param placeOf where each of them runs, in the order in which they are made; on this machine unless told
   */
  static async start(
    count: number,
    options: CliOptions = {},
    placeOf?: (index: number) => Place,
  ): Promise<TestGroup> {
    const root = mkdtempSync(join(tmpdir(), 'chunk-partitioner-'));
    const group = new TestGroup(root, options, placeOf);
    try {
      await mkdir(group.filesDir);
      const names = Array.from({ length: count }, (_, index) => nameOf(index));
      const peers = names.map((name) => group.#newPeer(name, options));
      group.peers.push(...peers);
      await Promise.all(peers.map((peer) => peer.serve()));
      const [founder, ...others] = peers;
      if (founder === undefined) throw new RangeError('a group has a founder');
      const { name } = founder;
      await (await founder.client()).request('createGroup', { name, groupName: 'test group' });
      await Promise.all(others.map((peer) => group.#admit(peer)));
      await group.meet();
      return group;
    } catch (error) {
      await group.dispose();
      throw error;
    }
  }

  get(index: number): TestPeer {
    const peer = this.peers[index];
    if (!peer) throw new RangeError(`no peer ${String(index)}`);
    return peer;
  }

  /** Starts one more, which joins as from an editor: by its running peer. */
  async add(name = nameOf(this.peers.length), options: CliOptions = {}): Promise<TestPeer> {
    const peer = this.newcomer(name, options);
    this.peers.push(peer);
    await peer.serve();
    await this.#admit(peer);
    return peer;
  }

  /** Invites one more, which joins as from a terminal, and does not serve yet. */
  async join(name: string, options: CliOptions = {}): Promise<TestPeer> {
    const peer = this.newcomer(name, options);
    const code = await this.invite();
    await peer.ok(['join', '-', '--name', name], { stdin: `${code}\n` });
    this.peers.push(peer);
    return peer;
  }

  /** A fresh invite of the founder. */
  async invite(...args: readonly string[]): Promise<string> {
    return String((await this.get(0).ok(['invite', ...args])).last['code']);
  }

  /** A data directory of nobody yet, removed with the group. */
  newcomer(name: string, options: CliOptions = {}): TestPeer {
    return this.#newPeer(name, { ...this.options, ...options });
  }

  /** Waits until all that run are connected to each other. */
  async meet(): Promise<void> {
    const running = this.peers.filter((peer) => peer.running);
    await Promise.all(running.map((peer) => peer.meets(running)));
  }

  /** Kills what runs and removes everything. */
  async dispose(): Promise<void> {
    for (const peer of this.peers) peer.signal('SIGCONT');
    await Promise.all(this.peers.map((peer) => peer.kill()));
    // A peer that a client started is nobody’s child, and may still write while it ends.
    rmSync(this.root, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  async #admit(peer: TestPeer): Promise<void> {
    const { code } = await (await this.get(0).client()).request('invite', {});
    await (await peer.client()).request('join', { code, name: peer.name });
  }

  #newPeer(name: string, options: CliOptions): TestPeer {
    const place = this.placeOf?.(this.#made);
    this.#made += 1;
    if (place === undefined) return new TestPeer(name, join(this.root, name), options);
    const { through, listen } = place;
    return new TestPeer(name, join(this.root, name), { ...options, through }, listen);
  }
}

const peerNames = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace', 'heidi'];

function nameOf(index: number): string {
  return peerNames[index] ?? `peer${String(index)}`;
}
