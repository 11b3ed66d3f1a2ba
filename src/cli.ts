/** Composition root of the terminal: gives the verbs what they need of the world. */
import { hostname } from 'node:os';
import { createProgram } from './cli/program.js';
import { stderrLogger } from './cli/stderrLogger.js';
import { defaultDataDir } from './common/dataDir.js';
import { attach } from './control/attach.js';
import { version } from '../package.json';

const runtimeDir = __dirname;
const peerHost = () => import('./control/server/peerHost.js');
const logger = stderrLogger(process.stderr, process.env['CHUNK_PARTITIONER_LOG']);
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    stop.abort();
  });
}

// A full disk under the log, or a reader that left, must not end a peer that serves others.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

const program = createProgram({
  version,
  attach,
  runtimeDir,
  // A peer is much to load, and most verbs only talk to one that runs.
  runServe: async (options) => {
    const { serve } = await peerHost();
    await serve({ ...options, runtimeDir, version, logger });
  },
  initGroup: async (options) => {
    const { initGroup } = await peerHost();
    return await initGroup({ ...options, runtimeDir, logger });
  },
  joinGroup: async (options) => {
    const { joinGroup } = await peerHost();
    return await joinGroup({ ...options, runtimeDir, logger });
  },
  defaultDataDir,
  hostName: hostname(),
  cwd: process.cwd(),
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
  signal: stop.signal,
});

void program.run(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
  // Nothing should be left that keeps the process; if something is, the result is out and nobody should wait for it.
  setInterval(() => {
    if (process.stdout.writableLength === 0) process.exit();
  }, 2_000).unref();
});
