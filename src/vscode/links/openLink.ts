import { parseLink } from '../../common/links.js';
import type { MachineContext } from '../commands/command.js';
import { openInvite } from './openInvite.js';
import { openSharedLink } from './openSharedLink.js';

/**
 * Asks about what a link leads to. By itself it changes nothing.
 *
 * @throws {PeerError} `usage` for what is no link; as the commands that the user chooses
 */
export async function openLink(context: MachineContext, text: string): Promise<void> {
  const link = parseLink(text);
  if (link.kind === 'share') await openSharedLink(context, link);
  else await openInvite(context, link);
}
