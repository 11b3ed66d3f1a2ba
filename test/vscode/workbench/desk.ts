import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { attach } from '../../../src/control/attach.js';
import type { ControlClient, ShareInfo, TransferInfo } from '../../../src/control/contract.js';
import { writeRandomFile } from '../../support/files.js';
import { TestGroup, type TestPeer } from '../../support/peers.js';
import { waitFor } from '../../support/waitFor.js';
import { launchBrowser } from '../host/browser.js';
import { repoRoot } from '../host/hostPaths.js';
import { installHost } from '../host/installHost.js';
import { packageExtension } from '../host/packageExtension.js';
import { ScratchFolder } from '../host/scratchFolder.js';
import { stopPeer } from '../host/stopPeer.js';
import { Workbench, type WorkbenchOptions } from './workbench.js';

const guard = path.join(repoRoot, 'test', 'support', 'cryptoGuard.cjs');
const members = 4;

/**
 * A workbench with the packaged extension, in a group with four more peers: alice, bob, carol and dave. `sharedDesk`
 * gives all cases the same one; what a case changes it puts back, and `ready` puts back what is left lying about.
 */
export class Desk {
  #control: ControlClient | undefined;

  private constructor(
    readonly browser: Browser,
    readonly extension: string,
    readonly scratch: ScratchFolder,
    /** The others, and `desk` itself, whose process the editor starts. */
    readonly group: TestGroup,
    /** The window that is always open. */
    readonly workbench: Workbench,
  ) {}

  static async open(): Promise<Desk> {
    await installHost();
    const scratch = new ScratchFolder();
    await mkdir(scratch.at('project', 'pictures'), { recursive: true });
    await writeFile(scratch.at('project', 'README.md'), '# Night shift\n');
    await writeFile(scratch.at('project', 'notes.txt'), 'Walk the dog.\n');
    await writeFile(scratch.at('project', 'pictures', 'caption.txt'), 'The dog, walked.\n');
    // Packing holds this process up for longer than a peer waits for an answer.
    const extension = await packageExtension();
    const [browser, group] = await Promise.all([launchBrowser(), TestGroup.start(members)]);
    const { dataDir } = await group.join('desk');
    const workbench = await Workbench.open(browser, {
      home: scratch.at('home'),
      folder: scratch.at('project'),
      extension,
      machineSettings: {
        'chunkPartitioner.dataDirectory': dataDir,
        'chunkPartitioner.listen': '127.0.0.1:0',
        'chunkPartitioner.keepServing': 'never',
      },
      env: guardedPeers,
    });
    return new Desk(browser, extension, scratch, group, workbench);
  }

  /** Data directory of this machine's peer. */
  get dataDir(): string {
    return this.peer('desk').dataDir;
  }

  peer(name: string): TestPeer {
    const found = this.group.peers.find((peer) => peer.name === name);
    if (found === undefined) throw new RangeError(`no peer ${name}`);
    return found;
  }

  /** A path in the folder that is open. */
  at(...names: readonly string[]): string {
    return this.scratch.at('project', ...names);
  }

  /** All peers run and are connected, nothing covers the window, and the three views are shown. */
  async ready(): Promise<void> {
    const others = this.group.peers.filter(({ name }) => name !== 'desk');
    await Promise.all(others.filter(({ running }) => !running).map((peer) => peer.serve()));
    await this.workbench.tidy();
    await this.workbench.showViews();
    for (const { name } of others) await this.workbench.row('Peers', `${name}, `).waitFor();
    const control = await this.control();
    const reached = async (): Promise<boolean> => {
      const { peers } = await control.request('peers', null);
      const online = new Set(peers.filter(({ state }) => state === 'online').map((p) => p.name));
      return others.every(({ name }) => online.has(name));
    };
    await waitFor(control, reached, 'the editor to meet all peers');
  }

  /** The channel to the peer that the editor started: what a case checks beside what it sees. */
  async control(): Promise<ControlClient> {
    if (this.#control !== undefined) return this.#control;
    const runtimeDir = path.join(repoRoot, 'dist');
    const client = await attach({ dataDir: this.dataDir, runtimeDir, start: false });
    client.onClose(() => {
      if (this.#control === client) this.#control = undefined;
    });
    return (this.#control = client);
  }

  /** Lets go of that channel: a peer that nobody is attached to may end. */
  release(): void {
    this.#control?.dispose();
    this.#control = undefined;
  }

  /** Writes a file of random bytes into the folder that is open. @returns its path */
  async write(name: string, size: number): Promise<string> {
    await mkdir(path.dirname(this.at(name)), { recursive: true });
    await writeRandomFile(this.at(name), size);
    return this.at(name);
  }

  /** Shares a file of the open folder behind the editor's back, and waits until its row is there. */
  async share(name: string): Promise<ShareInfo> {
    const control = await this.control();
    const params = { transferId: randomUUID(), path: this.at(name) };
    const { share } = await control.request('share', params);
    await this.workbench.row('Files', share.name).first().waitFor();
    return share;
  }

  /** Right-clicks files and folders of the Explorer, all selected, and shares them. */
  async shareFromExplorer(...names: readonly [string, ...string[]]): Promise<void> {
    const { workbench } = this;
    await workbench.selectInExplorer(...names);
    const last = await workbench.explorerFile(names.at(-1) ?? names[0]);
    await last.click({ button: 'right' });
    await workbench.choose('Share with Peers');
  }

  /** Downloads from the palette to this path, whose folder exists. */
  async download(name: string, target: string): Promise<void> {
    await this.workbench.command('Download File…');
    await this.workbench.pick(name);
    await this.workbench.choosePath(name, target);
  }

  /**
   * Waits until a transfer of this file has moved so much of it, and stops these peers at that moment: it stays there
   * until they go on (`SIGCONT`), whatever the speed of the machine.
   *
   * @param part between 0 and 1
   */
  async heldAt(part: number, name: string, ...stopped: readonly string[]): Promise<TransferInfo> {
    const control = await this.control();
    const peers = stopped.map((one) => this.peer(one));
    return await new Promise<TransferInfo>((resolve, reject) => {
      const moved = control.on('transfer', (transfer) => {
        if (transfer.name !== name || transfer.bytesDone < part * transfer.bytesTotal) return;
        if (transfer.bytesTotal === 0) return;
        moved.dispose();
        closed.dispose();
        for (const peer of peers) peer.signal('SIGSTOP');
        if (transfer.state === 'running') resolve(transfer);
        else reject(new Error(`${name} was ${transfer.state} before it could be held`));
      });
      const closed = control.onClose(() => {
        reject(new Error('the peer ended'));
      });
    });
  }

  /** A workbench at a machine of its own, with the extension unless told otherwise. */
  machine(name: string, options: Partial<WorkbenchOptions> = {}): Promise<Workbench> {
    return Workbench.open(this.browser, {
      home: this.scratch.at(name, 'home'),
      folder: this.scratch.at('project'),
      extension: this.extension,
      env: guardedPeers,
      ...options,
      machineSettings: {
        'chunkPartitioner.dataDirectory': this.scratch.at(name, 'data'),
        'chunkPartitioner.listen': '127.0.0.1:0',
        'chunkPartitioner.keepServing': 'never',
        ...options.machineSettings,
      },
    });
  }

  async close(): Promise<void> {
    this.release();
    const steps = [
      () => this.workbench.close(),
      () => this.browser.close(),
      () => stopPeer(this.dataDir),
      () => this.group.dispose(),
    ];
    const problems: unknown[] = [];
    for (const step of steps) await step().catch((error: unknown) => problems.push(error));
    this.scratch.remove();
    if (problems.length > 0) throw problems[0];
  }
}

/** The peers that the editor starts are bound to what the desktop's crypto offers, too. */
const guardedPeers = { CHUNK_PARTITIONER_NODE_OPTIONS: `--require ${JSON.stringify(guard)}` };
