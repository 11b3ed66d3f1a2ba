import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const setUp = [
  'ip link set lo up',
  'ip link set lo multicast on',
  'ip route add 224.0.0.0/4 dev lo',
];

/** A network of its own on this machine, with nothing but a loopback that carries multicast; Linux only. */
export class Namespace {
  private constructor(
    private readonly keeper: ChildProcess,
    /** Runs a process in it: see `CliOptions.through`. */
    readonly through: readonly string[],
  ) {}

  /** Undefined where the system, or its rules for this user, do not let one be made. */
  static async open(): Promise<Namespace | undefined> {
    for (const own of [[], ['--user', '--map-root-user']]) {
      const script = [...setUp, 'echo up', 'exec cat'].join(' && ');
      const keeper = spawn('unshare', [...own, '--net', 'sh', '-c', script], {
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      if (await isUp(keeper)) {
        const user = own.length > 0 ? ['--user', '--preserve-credentials'] : [];
        return new Namespace(keeper, [
          'nsenter',
          `--target=${String(keeper.pid)}`,
          ...user,
          '--net',
        ]);
      }
    }
    return undefined;
  }

  /** It is gone when the last process in it has ended. */
  async close(): Promise<void> {
    const gone = once(this.keeper, 'exit');
    this.keeper.stdin?.end();
    await gone;
  }
}

function isUp(keeper: ChildProcess): Promise<boolean> {
  return new Promise((resolve) => {
    keeper.once('error', () => {
      resolve(false);
    });
    keeper.once('close', () => {
      resolve(false);
    });
    if (keeper.stdout === null) return;
    createInterface({ input: keeper.stdout }).once('line', () => {
      resolve(true);
    });
  });
}
