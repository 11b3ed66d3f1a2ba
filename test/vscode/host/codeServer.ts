import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { hostPaths } from './hostPaths.js';
import { run } from './run.js';

export interface CodeServerOptions {
  /** Folder of this run: home, settings and extensions. Two servers with own folders are two machines. */
  readonly home: string;
  /** Settings of the user and of the machine; machine-scoped ones count only in the second. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly machineSettings?: Readonly<Record<string, unknown>>;
  /** A .vsix to install. */
  readonly extension?: string;
  /** Lets a page run extension tests. */
  readonly testDriver?: boolean;
  readonly env?: NodeJS.ProcessEnv;
  /** Whether the editor asks if a folder is to be trusted; without it, all are. */
  readonly asksForTrust?: boolean;
  /** Where the server listens; the system chooses the port otherwise. */
  readonly port?: number;
}

const startDeadline = 60_000;
const stopDeadline = 10_000;

/** A VS Code server of its own: workbench and Node extension host, with nothing of the user's in it. */
export class CodeServer {
  private constructor(
    private readonly process: ChildProcess,
    /** `host:port` */
    readonly authority: string,
    /** Runs the server's own command on its folders. */
    private readonly command: (...args: readonly string[]) => Promise<string>,
  ) {}

  static async start(options: CodeServerOptions): Promise<CodeServer> {
    const data = path.join(options.home, 'vscode');
    const extensions = path.join(options.home, 'extensions');
    await writeJson(path.join(data, 'User', 'settings.json'), { ...quiet, ...options.settings });
    await writeJson(path.join(data, 'Machine', 'settings.json'), options.machineSettings ?? {});
    await mkdir(extensions, { recursive: true });
    const config = path.join(options.home, 'config.yaml');
    await writeFile(config, 'auth: none\n');
    const folders = ['--config', config, '--user-data-dir', data, '--extensions-dir', extensions];
    const env = environment(options);
    const command = (...args: readonly string[]): Promise<string> =>
      run(hostPaths.node, [hostPaths.entry, ...folders, ...args], { env, timeout: startDeadline });
    if (options.extension !== undefined) {
      await command('--install-extension', options.extension, '--force');
    }
    const args = [
      ...['--auth', 'none', '--bind-addr', `127.0.0.1:${String(options.port ?? 0)}`, ...folders],
      ...['--disable-telemetry', '--disable-update-check'],
      ...(options.asksForTrust === true ? [] : ['--disable-workspace-trust']),
      ...['--disable-getting-started-override', '--ignore-last-opened'],
      ...(options.testDriver === true ? ['--vscode-option', 'enable-smoke-test-driver'] : []),
    ];
    const child = spawn(hostPaths.node, [hostPaths.entry, ...args], {
      env,
      cwd: options.home,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new CodeServer(child, await listening(child), command);
  }

  /** Removes an extension; windows that are open still have it until they are reloaded. */
  async uninstall(extensionId: string): Promise<void> {
    await this.command('--uninstall-extension', extensionId);
  }

  /** Address of the workbench with a folder open. */
  folderUrl(folder: string, query: Readonly<Record<string, string>> = {}): string {
    const more = Object.entries(query).map(
      ([key, value]) => `&${key}=${encodeURIComponent(value)}`,
    );
    return `http://${this.authority}/?folder=${encodeURI(folder)}${more.join('')}`;
  }

  /** Ends the server with all its processes. */
  async stop(): Promise<void> {
    const { pid, exitCode, signalCode } = this.process;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    const gone = new Promise<void>((resolve) => {
      this.process.once('exit', () => {
        resolve();
      });
    });
    killGroup(pid, 'SIGTERM');
    const timer = setTimeout(() => {
      killGroup(pid, 'SIGKILL');
    }, stopDeadline);
    await gone;
    clearTimeout(timer);
    killGroup(pid, 'SIGKILL');
  }
}

const quiet = {
  'workbench.startupEditor': 'none',
  // Nothing is drawn again and again while a test waits.
  'workbench.reduceMotion': 'on',
  'editor.cursorBlinking': 'solid',
  'chat.disableAIFeatures': true,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'telemetry.telemetryLevel': 'off',
};

function environment(options: CodeServerOptions): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    LANG: 'C.UTF-8',
    HOME: options.home,
    XDG_CONFIG_HOME: path.join(options.home, '.config'),
    XDG_DATA_HOME: path.join(options.home, '.local', 'share'),
    XDG_CACHE_HOME: path.join(options.home, '.cache'),
    XDG_STATE_HOME: path.join(options.home, '.local', 'state'),
    XDG_RUNTIME_DIR: path.join(options.home, '.run'),
    EXTENSIONS_GALLERY: '{"serviceUrl":""}',
  };
  return { ...env, ...options.env };
}

function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let log = '';
    const timer = setTimeout(() => {
      if (child.pid !== undefined) killGroup(child.pid, 'SIGKILL');
      reject(new Error(`code-server did not start in time\n${log}`));
    }, startDeadline);
    child.once('error', reject);
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`code-server ended with ${String(code)}\n${log}`));
    });
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        log = `${log}${line}\n`.slice(-20_000);
        const found = /HTTP server listening on https?:\/\/([\w.:]+)/.exec(line)?.[1];
        if (found === undefined) return;
        clearTimeout(timer);
        resolve(found);
      });
    }
  });
}

function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // All of it has ended already.
  }
}

async function writeJson(file: string, value: unknown): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(value, null, 2));
}
