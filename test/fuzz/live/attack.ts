import type { Identity } from '../../../src/net/identity.js';
import type { Random } from '../engine/random.js';
import type { HostileMember } from './hostileMember.js';
import type { World } from './world.js';

export interface AttackContext {
  readonly world: World;
  readonly random: Random;
  /** Of the loopback network: places for strangers are counted by address. */
  readonly localAddress: string;
}

/** One thing that somebody does to a peer, over a few seconds at most. Leaves nothing open. */
export interface Attack {
  readonly name: string;
  run(context: AttackContext): Promise<void>;
}

/** By an admitted member: it is let in before, and cut off after. */
export interface MemberAttack {
  readonly name: string;
  run(member: HostileMember, context: AttackContext): Promise<void>;
}

export interface MemberContext extends AttackContext {
  readonly identity: Identity;
}
