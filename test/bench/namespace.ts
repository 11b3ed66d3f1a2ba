import { spawn, spawnSync } from 'node:child_process';

/** For the five peers of a program that refuses 127.*, in a range set aside for measurements. */
export const namespaceAddresses = [1, 2, 3, 4, 5].map((last) => `198.18.0.${last}`);

const setUp = [
  'ip link set lo up',
  ...namespaceAddresses.map((address) => `ip address add ${address}/32 dev lo`),
].join(' && ');

/**
 * How to run a command in a network namespace that has nothing but loopback: what crosses it is the bench's own, and
 * nothing leaves the machine. Null where the system does not let this user make one.
 */
export function namespaceCommand(): readonly string[] | null {
  const ways = [['--net'], ['--user', '--map-root-user', '--net']];
  for (const way of ways) {
    const { status } = spawnSync('unshare', [...way, 'sh', '-c', setUp], { stdio: 'ignore' });
    if (status === 0) return ['unshare', ...way, 'sh', '-c', `${setUp} && exec "$@"`, '-'];
  }
  return null;
}

/** Runs a command to its end; signals from the terminal reach it by themselves. Answers its exit code. */
export function runToEnd(command: readonly string[]): Promise<number> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: 'inherit' });
  const forward = (signal: NodeJS.Signals): void => {
    child.kill(signal);
  };
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', forward);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      process.off('SIGTERM', forward);
      resolve(code ?? 1);
    });
  });
}
