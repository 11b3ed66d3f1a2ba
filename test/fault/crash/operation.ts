import type { TestPeer } from '../../support/peers.js';
import type { World } from './world.js';

/**
 * What a crash has made of an operation. `answered`: it was told to be done, and is. `whole`: nobody was told, and it is
 * done. `went on`: the peer that crashed has brought it to its end when it ran again. `nothing`: nothing of it is to be seen.
 */
export type Outcome = 'answered' | 'whole' | 'went on' | 'nothing';

/** One run of an operation, about a file or member of its own. */
export interface Run {
  /** Who is to crash. */
  readonly victim: TestPeer;
  /**
   * Asks for it, and resolves when it is over on the victim, too; rejects when it fails. When the victim crashes, it settles
   * all the same.
   */
  start(): Promise<void>;
  /**
   * Looks at what has become of it; everybody runs, and has met.
   *
   * @param kept ids of the transfers that the victim goes on with. @throws AssertionError
   */
  check(kept: readonly string[]): Promise<Outcome>;
}

/** Something that a peer can crash in. */
export interface Operation {
  /** What is done, and who crashes. */
  readonly name: string;
  prepare(world: World): Promise<Run>;
}
