import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** Debian's package of each program that a row needs. */
const packageOf: Readonly<Record<string, string>> = {
  aria2c: 'aria2',
  curl: 'curl',
  dd: 'coreutils',
  ip: 'iproute2',
  rsync: 'rsync',
  ssh: 'openssh-client',
  sshd: 'openssh-server',
  syncthing: 'syncthing',
  'transmission-daemon': 'transmission-daemon',
  unshare: 'util-linux',
};

/** Where a program lies. Servers are looked for where their packages put them, too. */
export function findProgram(program: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/sbin'];
  return folders.map((folder) => path.join(folder, program)).find(runs);
}

/** Programs that are not there. */
export function missingPrograms(programs: readonly string[]): string[] {
  return programs.filter((program) => findProgram(program) === undefined);
}

/** Installs what is missing from Debian's packages when this is root on such a system; tells what it cannot do. */
export function installMissing(log: (text: string) => void): void {
  const packages = missingPrograms(Object.keys(packageOf)).map(
    (program) => packageOf[program] ?? program,
  );
  if (packages.length === 0) return;
  const command = `apt-get install ${packages.join(' ')}`;
  if (process.getuid?.() !== 0 || missingPrograms(['apt-get']).length > 0) {
    log(`Some rows are left out. To have them, as root on Debian: ${command}`);
    return;
  }
  log(`Installing ${packages.join(', ')} …`);
  const options = ['--yes', '--quiet=2', '--no-install-recommends'];
  // A run level at which no service of a package starts by itself.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const apt = (...args: readonly string[]): boolean =>
    spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
  const install = (): boolean => apt('install', ...options, ...packages);
  if (!install() && !(apt('update', '--quiet=2') && install())) {
    log(`That did not work; some rows are left out. By hand: ${command}`);
  }
}

function runs(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
