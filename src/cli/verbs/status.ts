import { visible } from '../../common/visible.js';
import type { PeerStatus } from '../../control/contract.js';
import { spaceText } from '../shareText.js';
import { table } from '../text.js';
import { formatBytes, formatCount } from '../units.js';
import { withPeer, type Verb } from '../verb.js';

export const statusVerb: Verb = {
  syntax: 'status',
  summary: 'say what the peer of this data directory is and does',
  run: (context) =>
    withPeer(context, async (client) => {
      const status = await client.request('status', null, context.deps.signal);
      context.output.result({ status }, statusText(status));
      return 0;
    }),
};

export function statusText(status: PeerStatus): string[] {
  const { self } = status;
  const group = self
    ? [
        ['peer', `${visible(self.name)}${self.role === 'member' ? '' : ` (${self.role})`}`],
        ['id', self.nodeIdText],
        ['group', visible(self.groupName)],
        ...(self.removed === null ? [] : [['membership', visible(self.removed)]]),
      ]
    : [['group', 'none yet: run “chunk-partitioner init” or “join”']];
  return table([
    ...group,
    ['listening', status.listening],
    ['others online', `${formatCount(status.peersOnline)} of ${formatCount(status.peersKnown)}`],
    ['files', formatCount(status.shares)],
    ['stored here', formatBytes(status.storedBytes)],
    ['lent to others', spaceText(status.space)],
    ['transfers', formatCount(status.transfersRunning)],
    ['stays running', status.stays ? 'yes' : 'no, ends with its last client'],
    ['data directory', visible(status.dataDir)],
    ['version', `${status.version}, process ${String(status.pid)}`],
  ]);
}
