import { Namespace } from '../../support/namespace.js';
import type { Place } from '../../support/peers.js';

/** Small enough for a few packets of a slow line, large enough for the largest that a virtual cable carries. */
const burst = '64kb';

/** What a line carries, either way; what finds its queue full is lost. */
export interface Line {
  readonly kbit: number;
  /** How long a packet may wait in the queue, milliseconds; a tenth of a second unless told. */
  readonly queueMs?: number;
}

/**
 * A network of machines that have one peer each: namespaces, and a virtual cable from each of them to a switch. What is
 * pulled out or slowed down is told to nobody, as between real machines with a switch in the middle. Linux only.
 */
export class Lan {
  private constructor(
    private readonly middle: Namespace,
    private readonly machines: readonly Namespace[],
  ) {}

  /** @throws Error where the system lets this user make no network of its own */
  static async open(count: number): Promise<Lan> {
    const middle = required(await Namespace.open());
    const machines: Namespace[] = [];
    const lan = new Lan(middle, machines);
    try {
      // The second switch is joined to nothing: see split.
      await middle.run(
        'ip link add one type bridge',
        'ip link add two type bridge',
        'ip link set one up',
        'ip link set two up',
      );
      for (let index = 0; index < count; index += 1) {
        const machine = required(await Namespace.open(middle));
        machines.push(machine);
        const port = portOf(index);
        await middle.run(
          `ip link add ${port} type veth peer name cable netns ${String(machine.pid)}`,
          `ip link set ${port} master one up`,
        );
        await machine.run(
          `ip address add ${addressOf(index)}/24 dev cable`,
          'ip route delete 224.0.0.0/4 dev lo',
          'ip link set cable up',
        );
      }
      return lan;
    } catch (error) {
      await lan.close();
      throw error;
    }
  }

  /** Where the peer of a machine runs. */
  place(index: number): Place {
    return { through: this.#machine(index).through, listen: `${addressOf(index)}:0` };
  }

  /** Pulls out the cables of some at the switch: neither end is told. */
  async cut(...indexes: readonly number[]): Promise<void> {
    await this.middle.run(...indexes.map((index) => `ip link set ${portOf(index)} nomaster`));
  }

  /** These hear each other from now on, and none of the others. */
  async split(...indexes: readonly number[]): Promise<void> {
    await this.middle.run(...indexes.map((index) => `ip link set ${portOf(index)} master two`));
  }

  /** All hear each other again. */
  async heal(): Promise<void> {
    await this.middle.run(
      ...this.machines.map((_, index) => `ip link set ${portOf(index)} master one`),
    );
  }

  /** Both ways. */
  async slow(index: number, { kbit, queueMs = 100 }: Line): Promise<void> {
    const filter = `tbf rate ${String(kbit)}kbit burst ${burst} latency ${String(queueMs)}ms`;
    await this.middle.run(`tc qdisc replace dev ${portOf(index)} root ${filter}`);
    await this.#machine(index).run(`tc qdisc replace dev cable root ${filter}`);
  }

  async fast(index: number): Promise<void> {
    await this.middle.run(`tc qdisc delete dev ${portOf(index)} root`);
    await this.#machine(index).run('tc qdisc delete dev cable root');
  }

  /** To be called when the peers have ended. */
  async close(): Promise<void> {
    await Promise.all(this.machines.map((machine) => machine.close()));
    await this.middle.close();
  }

  #machine(index: number): Namespace {
    const machine = this.machines[index];
    if (machine === undefined) throw new RangeError(`no machine ${String(index)}`);
    return machine;
  }
}

function required(namespace: Namespace | undefined): Namespace {
  if (namespace !== undefined) return namespace;
  throw new Error(
    'This test needs a network of its own: run it as root on Linux, or where users may make namespaces, with iproute2.',
  );
}

function portOf(index: number): string {
  return `port${String(index)}`;
}

function addressOf(index: number): string {
  return `10.77.0.${String(index + 1)}`;
}
