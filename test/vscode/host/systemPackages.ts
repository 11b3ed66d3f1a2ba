import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { run } from './run.js';

/** Debian packages by the file that shows they are there. */
const needed: Readonly<Record<string, readonly string[]>> = {
  chromium: ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'],
  'libkrb5-dev': ['/usr/include/gssapi/gssapi.h', '/usr/include/gssapi.h'],
  'build-essential': ['/usr/bin/g++'],
  python3: ['/usr/bin/python3'],
};

/** The browser that drives the workbench; an environment variable may name another. */
export function chromiumPath(): string {
  const own = process.env['CHROMIUM_PATH'];
  const found = [...(own === undefined ? [] : [own]), ...(needed['chromium'] ?? [])].find((file) =>
    existsSync(file),
  );
  if (found === undefined) throw new Error('Chromium is missing: run `npm run host:install`.');
  return found;
}

/** Installs what is missing with apt; says what to do by hand where that is not possible. */
export async function ensureSystemPackages(): Promise<void> {
  const missing = Object.entries(needed)
    .filter(([name, files]) => {
      if (name === 'chromium' && existsSync(process.env['CHROMIUM_PATH'] ?? '')) return false;
      return !files.some((file) => existsSync(file));
    })
    .map(([name]) => name);
  if (missing.length === 0) return;
  const byHand = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  const hasApt = spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0;
  if (!hasApt || process.getuid?.() !== 0) {
    throw new Error(
      `The VS Code test host needs these system packages: ${missing.join(', ')}.\n` +
        `Install them as root, then run this again: ${byHand}`,
    );
  }
  console.log(`installing system packages: ${missing.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-q'], { env });
  await run('apt-get', ['install', '-y', '--no-install-recommends', ...missing], { env });
}
