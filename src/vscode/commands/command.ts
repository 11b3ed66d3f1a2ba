import type { Logger } from '../../common/logger.js';
import type { Maps } from '../map/maps.js';
import type { PeerSession } from '../peerSession.js';
import type { SharedFileSystem } from '../shared/sharedFileSystem.js';
import type { Views } from '../views/views.js';

/** What every command gets. */
export interface CommandContext {
  readonly session: PeerSession;
  readonly views: Views;
  readonly shared: SharedFileSystem;
  readonly maps: Maps;
  readonly log: Logger & { show(): void };
}

/**
 * A command. Its arguments come from menus, tree rows, other extensions or nowhere, so each command looks
 * at them before it uses them. What it throws is shown to the user.
 */
export type Command = (context: CommandContext, ...args: readonly unknown[]) => Promise<void>;
