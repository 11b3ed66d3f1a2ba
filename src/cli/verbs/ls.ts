import { visible } from '../../common/visible.js';
import type { ShareInfo } from '../../control/contract.js';
import { shortId, survivalText } from '../shareText.js';
import { table } from '../text.js';
import { formatAge, formatBytes } from '../units.js';
import { meetPeers, withPeer, type Verb } from '../verb.js';

/** Shares asked for at a time. */
const pageSize = 200;

export const lsVerb: Verb = {
  syntax: 'ls',
  summary: 'list the files that the group shares, newest first',
  run: (context) =>
    withPeer(context, async (client) => {
      const { output, deps } = context;
      await meetPeers(client, deps.signal);
      let count = 0;
      let cursor: string | null = null;
      do {
        const page: { shares: readonly ShareInfo[]; cursor: string | null } = await client.request(
          'shares',
          { cursor, limit: pageSize },
          deps.signal,
        );
        if (output.json) for (const share of page.shares) output.event('share', { share });
        else for (const line of sharesText(page.shares, count === 0, Date.now())) output.line(line);
        count += page.shares.length;
        cursor = page.cursor;
      } while (cursor !== null);
      if (count === 0 && !output.json) {
        output.note('No files yet. “chunk-partitioner share PATH” shares one.');
      }
      output.result({ count }, []);
      return 0;
    }),
};

/** One page of the list; widths are per page, so that nothing has to be kept. */
export function sharesText(shares: readonly ShareInfo[], withHead: boolean, now: number): string[] {
  if (shares.length === 0) return [];
  const head = ['ID', 'SIZE', 'SURVIVES', 'AUTHOR', 'SHARED', 'NAME'];
  const rows = shares.map((share) => [
    shortId(share.shareId),
    formatBytes(share.size),
    survivalText(share.spare),
    visible(share.authorName),
    formatAge(share.createdAt, now),
    `${visible(share.name)}${share.superseded ? ' (older version)' : ''}`,
  ]);
  return table(withHead ? [head, ...rows] : rows, ['left', 'right']);
}
