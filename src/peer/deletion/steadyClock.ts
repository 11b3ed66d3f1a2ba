import { deletionLimits } from '../limits.js';

/**
 * Whether the clock of this machine has run evenly for a while. One that is not set yet, as a machine starts, may be off by
 * years; when it is put right it jumps, as it does when a machine has slept.
 */
export class SteadyClock {
  #wall: number;
  #running: number;

  /** @param running milliseconds that no setting of the clock changes */
  constructor(
    private readonly wall: () => number = Date.now,
    private readonly running: () => number = () => performance.now(),
  ) {
    this.#wall = wall();
    this.#running = running();
  }

  /** To be asked more often than once in the while that it needs. */
  isSteady(): boolean {
    const [wall, running] = [this.wall(), this.running()];
    const passed = running - this.#running;
    if (Math.abs(wall - this.#wall - passed) > deletionLimits.clockDriftMs) {
      [this.#wall, this.#running] = [wall, running];
      return false;
    }
    return passed >= deletionLimits.clockSteadyMs;
  }
}
