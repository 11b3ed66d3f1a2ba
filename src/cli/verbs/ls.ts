import type { Command } from 'commander';
import * as z from 'zod';
import { visible } from '../../common/visible.js';
import type { ControlClient, ControlRequests, ListedShare } from '../../control/contract.js';
import { shortId, survivalText } from '../shareText.js';
import { table } from '../text.js';
import { formatAge, formatBytes } from '../units.js';
import { meetPeers, withPeer, type Verb } from '../verb.js';

type Page = ControlRequests['list']['result'];

/** Shares asked for first, and at a time after that. */
const firstPage = 200;
const pageSize = 2000;

const optionsSchema = z.object({ sort: z.enum(['newest', 'name']), prefix: z.string().optional() });

export const lsVerb: Verb = {
  syntax: 'ls',
  summary: 'list the files that the group shares, newest first',
  configure(command: Command) {
    command
      .addOption(
        command
          .createOption('--sort <order>', 'in which order')
          .choices(['newest', 'name'])
          .default('newest'),
      )
      .option('--prefix <text>', 'only names that begin so, sorted by name');
  },
  run: (context, _args, options) =>
    withPeer(context, async (client) => {
      const { output, deps } = context;
      const { sort, prefix } = optionsSchema.parse(options);
      await meetPeers(client, deps.signal);
      let count = 0;
      const query = { order: sort, ...(prefix !== undefined && prefix !== '' && { prefix }) };
      for await (const shares of pages(client, query, deps.signal)) {
        if (output.json)
          output.events(
            'share',
            shares.map((share) => ({ share })),
          );
        else output.lines(sharesText(shares, count === 0, Date.now()));
        count += shares.length;
        await output.drained(deps.signal);
      }
      if (count === 0 && !output.json) {
        output.note(
          prefix === undefined
            ? 'No files yet. “chunk-partitioner share PATH” shares one.'
            : 'No file has a name that begins so.',
        );
      }
      output.result({ count }, []);
      return 0;
    }),
};

/** Page after page; the next one is on its way while one is shown. */
async function* pages(
  client: ControlClient,
  query: Pick<ControlRequests['list']['params'], 'order' | 'prefix'>,
  signal: AbortSignal,
): AsyncGenerator<readonly ListedShare[]> {
  const ask = (cursor: string | null): Promise<Page> => {
    const limit = cursor === null ? firstPage : pageSize;
    const page = client.request('list', { ...query, cursor, limit }, signal);
    page.catch(() => undefined);
    return page;
  };
  let page: Promise<Page> | undefined = ask(null);
  while (page !== undefined) {
    const { shares, cursor }: Page = await page;
    page = cursor === null ? undefined : ask(cursor);
    yield shares;
  }
}

/** One page of the list; widths are per page, so that nothing has to be kept. */
export function sharesText(
  shares: readonly ListedShare[],
  withHead: boolean,
  now: number,
): string[] {
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
