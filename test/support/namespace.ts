import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Keeper } from './keeper.js';

const setUp = [
  'ip link set lo up',
  'ip link set lo multicast on',
  'ip route add 224.0.0.0/4 dev lo',
];

/** A network of its own on this machine, with nothing but a loopback that carries multicast; Linux only. */
export class Namespace {
  private constructor(
    private readonly keeper: Keeper,
    /** Runs a process in it: see `CliOptions.through`. */
    readonly through: readonly string[],
  ) {}

  /**
   * Undefined where the system, or its rules for this user, do not let one be made.
   *
   * @param outer whose owner may join the two: see {@link Namespace.run}
   */
  static async open(outer?: Namespace): Promise<Namespace | undefined> {
    for (const own of outer ? [[]] : [[], ['--user', '--map-root-user']]) {
      const command = [...(outer?.through ?? []), 'unshare', ...own, '--net'];
      const keeper = await Keeper.start(command, setUp);
      if (keeper === undefined) continue;
      const user =
        own.length > 0 || outer?.through.includes('--user') === true
          ? ['--user', '--preserve-credentials']
          : [];
      const through = ['nsenter', `--target=${String(keeper.pid)}`, ...user, '--net'];
      return new Namespace(keeper, through);
    }
    return undefined;
  }

  /** Of a process that lives as long as it does: other namespaces know it by that. */
  get pid(): number {
    return this.keeper.pid;
  }

  /** Runs lines of shell in it, up to the first that fails. @throws Error with what it wrote on stderr */
  async run(...lines: readonly string[]): Promise<void> {
    const [command, ...args] = [...this.through, 'sh', '-e', '-c', lines.join('\n')];
    await promisify(execFile)(command, args);
  }

  /** It is gone when the last process in it has ended. */
  async close(): Promise<void> {
    await this.keeper.stop();
  }
}
