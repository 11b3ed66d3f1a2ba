import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { installRuntime } from '../runtime.js';
import { processLimits } from '../limits.js';

/** Kept of the caller's environment; the rest may belong to an editor, a debugger or a task. */
const keptVariables = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'LANG',
  'LC_ALL',
  'TMPDIR',
  'TEMP',
  'TMP',
  'TZ',
  'XDG_DATA_HOME',
  'XDG_RUNTIME_DIR',
  'APPDATA',
  'LOCALAPPDATA',
  'USERPROFILE',
  'SystemRoot',
  'windir',
];

/** Starts a peer in the background, from its own copy of the runtime, that outlives this process. */
export function launchPeer(runtimeDir: string, dataDir: string): ChildProcess {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const runtime = installRuntime(runtimeDir, dataDir);
  beginAnew(logFile(dataDir));
  const log = openSync(logFile(dataDir), 'a', 0o600);
  try {
    const child = spawn(
      process.execPath,
      [path.join(runtime, 'cli.js'), 'serve', '--background', '--data-dir', dataDir],
      {
        cwd: dataDir,
        env: cleanEnvironment(),
        detached: true,
        windowsHide: true,
        stdio: ['ignore', 'ignore', log],
      },
    );
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

/** Last line that a peer wrote before it ended, for the error that the user sees. */
export function lastLogLine(dataDir: string): string {
  try {
    return readFileSync(logFile(dataDir), 'utf8').trimEnd().split('\n').at(-1) ?? '';
  } catch {
    return '';
  }
}

function logFile(dataDir: string): string {
  return path.join(dataDir, 'peer.log');
}

/** A log that has grown long is kept beside the new one, in the place of the last that was. */
function beginAnew(file: string): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > processLimits.logBytes) renameSync(file, `${file}.old`);
}

function cleanEnvironment(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  for (const name of keptVariables) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  // Where this process is Electron, its binary has to be told to be Node.
  if (process.versions['electron'] !== undefined) env['ELECTRON_RUN_AS_NODE'] = '1';
  const nodeOptions = process.env['CHUNK_PARTITIONER_NODE_OPTIONS'];
  if (nodeOptions !== undefined) {
    env['NODE_OPTIONS'] = nodeOptions;
    env['CHUNK_PARTITIONER_NODE_OPTIONS'] = nodeOptions;
  }
  return env;
}
