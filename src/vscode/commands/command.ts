import type { Logger } from '../../common/logger.js';
import type { Group } from '../groups/group.js';
import type { Groups } from '../groups/groups.js';
import type { Maps } from '../map/maps.js';
import type { PeerSession } from '../peerSession.js';
import type { SharedFileSystem } from '../shared/sharedFileSystem.js';
import type { Views } from '../views/views.js';

/** What every command gets. */
export interface MachineContext {
  readonly groups: Groups;
  readonly views: Views;
  readonly shared: SharedFileSystem;
  readonly maps: Maps;
  readonly log: Logger & { show(): void };
}

/** What a command gets that is about one group. */
export interface CommandContext extends MachineContext {
  readonly group: Group;
  /** With the peer of that group. */
  readonly session: PeerSession;
}

export function inGroup(context: MachineContext, group: Group): CommandContext {
  return { ...context, group, session: group.session };
}

/**
 * A command about one group. Its arguments come from menus, tree rows, other extensions or nowhere, so each command looks
 * at them before it uses them. What it throws is shown to the user.
 */
export type Command = (context: CommandContext, ...args: readonly unknown[]) => Promise<void>;

/** A command about all groups of this machine, or one that finds its group itself. */
export type MachineCommand = (
  context: MachineContext,
  ...args: readonly unknown[]
) => Promise<void>;
