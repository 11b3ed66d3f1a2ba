import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../bench.js';
import type { Processes } from '../measure/processes.js';
import { poll } from './deadline.js';

const apiKey = 'bench';
export const folderId = 'bench';

interface FolderStatus {
  readonly state: string;
  readonly globalBytes: number;
  readonly globalFiles: number;
  readonly needTotalItems: number;
  readonly inSyncBytes: number;
}

/** One Syncthing device: a home folder with its identity, a folder to sync, and its process while it runs. */
export class SyncthingDevice {
  #device = '';
  #listenPort = 0;
  #apiPort = 0;

  private constructor(
    readonly name: string,
    readonly home: string,
    readonly folder: string,
  ) {}

  /** Makes identity and folder; the process does not run yet. */
  static async create(name: string, root: string): Promise<SyncthingDevice> {
    const device = new SyncthingDevice(
      name,
      path.join(root, name),
      path.join(root, `${name}-sync`),
    );
    const args = [
      'generate',
      `--home=${device.home}`,
      '--no-default-folder',
      '--skip-port-probing',
    ];
    await promisify(execFile)('syncthing', args, { env: environment(device.home) });
    const config = await readFile(path.join(device.home, 'config.xml'), 'utf8');
    device.#device = /<device id="([A-Z0-9-]+)"/.exec(config)?.[1] ?? '';
    device.#listenPort = await freePort();
    device.#apiPort = await freePort();
    await mkdir(path.join(device.folder, '.stfolder'), { recursive: true });
    return device;
  }

  /** Writes its configuration: it knows and shares with all of `devices`. */
  async configure(
    devices: readonly SyncthingDevice[],
    options: { readonly paused: boolean },
  ): Promise<void> {
    const known = devices.map(
      (other) =>
        `<device id="${other.#device}" name="${other.name}" compression="never" skipIntroductionRemovals="true"><address>tcp://127.0.0.1:${other.#listenPort}</address><autoAcceptFolders>false</autoAcceptFolders></device>`,
    );
    const shared = devices.map((other) => `<device id="${other.#device}"></device>`);
    const config = `<configuration version="35">
  <folder id="${folderId}" label="bench" path="${this.folder}" type="sendreceive" rescanIntervalS="0" fsWatcherEnabled="false" ignorePerms="false" autoNormalize="true">
    ${shared.join('\n    ')}
    <order>random</order>
    <paused>${options.paused}</paused>
    <pullerMaxPendingKiB>131072</pullerMaxPendingKiB>
    <scanProgressIntervalS>-1</scanProgressIntervalS>
    <maxConcurrentWrites>16</maxConcurrentWrites>
    <minDiskFree unit="%">0</minDiskFree>
  </folder>
  ${known.join('\n  ')}
  <gui enabled="true" tls="false"><address>127.0.0.1:${this.#apiPort}</address><apikey>${apiKey}</apikey></gui>
  <options>
    <listenAddress>tcp://127.0.0.1:${this.#listenPort}</listenAddress>
    <globalAnnounceEnabled>false</globalAnnounceEnabled>
    <localAnnounceEnabled>false</localAnnounceEnabled>
    <relaysEnabled>false</relaysEnabled>
    <natEnabled>false</natEnabled>
    <startBrowser>false</startBrowser>
    <urAccepted>-1</urAccepted>
    <crashReportingEnabled>false</crashReportingEnabled>
    <autoUpgradeIntervalH>0</autoUpgradeIntervalH>
    <upgradeToPreReleases>false</upgradeToPreReleases>
    <stunKeepaliveStartS>0</stunKeepaliveStartS>
    <reconnectionIntervalS>1</reconnectionIntervalS>
    <progressUpdateIntervalS>-1</progressUpdateIntervalS>
    <limitBandwidthInLan>false</limitBandwidthInLan>
    <maxFolderConcurrency>-1</maxFolderConcurrency>
    <maxConcurrentIncomingRequestKiB>1048576</maxConcurrentIncomingRequestKiB>
    <setLowPriority>false</setLowPriority>
    <minHomeDiskFree unit="%">0</minHomeDiskFree>
  </options>
</configuration>
`;
    await writeFile(path.join(this.home, 'config.xml'), config);
  }

  /** Starts the process and waits until it answers. */
  async start(processes: Processes, role: string, signal: AbortSignal): Promise<void> {
    const args = ['serve', `--home=${this.home}`, '--no-browser', '--no-restart', '--no-upgrade'];
    processes.start(role, 'syncthing', args, { env: environment(this.home) });
    await poll(
      () =>
        this.#call('GET', 'system/ping').then(
          () => true,
          () => undefined,
        ),
      signal,
      50,
    );
  }

  /** Waits until it is connected to so many others. */
  async connected(count: number, signal: AbortSignal): Promise<void> {
    await poll(
      async () => {
        const answer = (await this.#call('GET', 'system/connections')) as {
          connections: Record<string, { connected: boolean }>;
        };
        const online = Object.values(answer.connections).filter(({ connected }) => connected);
        return online.length >= count ? true : undefined;
      },
      signal,
      50,
    );
  }

  /** Looks through its folder now; answers when it has. */
  async scan(): Promise<void> {
    await this.#call('POST', `db/scan?folder=${folderId}`);
  }

  async resume(): Promise<void> {
    await this.#call('PATCH', `config/folders/${folderId}`, { paused: false });
  }

  /** Waits until it has all of so many files and bytes, and nothing to do. */
  async complete(
    { files, bytes }: { readonly files: number; readonly bytes: number },
    signal: AbortSignal,
  ): Promise<void> {
    await poll(async () => {
      const status = (await this.#call('GET', `db/status?folder=${folderId}`)) as FolderStatus;
      // Folders count with some bytes each, so there may be more than of the files.
      const known = status.globalFiles === files && status.globalBytes >= bytes;
      const here = status.inSyncBytes >= bytes && status.needTotalItems === 0;
      return known && here && status.state === 'idle' ? true : undefined;
    }, signal);
  }

  /** Forgets what it had, so that it is a fresh device with the same name. */
  async forget(): Promise<void> {
    await rm(path.join(this.home, 'index-v0.14.0.db'), { recursive: true, force: true });
    await rm(this.folder, { recursive: true, force: true });
    await mkdir(path.join(this.folder, '.stfolder'), { recursive: true });
  }

  async #call(method: string, call: string, body?: object): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${this.#apiPort}/rest/${call}`, {
      method,
      headers: { 'X-API-Key': apiKey },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`syncthing ${this.name}: ${call}: ${text}`);
    return text === '' ? null : (JSON.parse(text) as unknown);
  }
}

function environment(home: string): NodeJS.ProcessEnv {
  return { ...process.env, HOME: home, STNOUPGRADE: '1', STNODEFAULTFOLDER: '1' };
}
