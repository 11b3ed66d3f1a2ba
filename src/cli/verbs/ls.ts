import type { Command } from 'commander';
import * as z from 'zod';
import { visible } from '../../common/visible.js';
import type {
  ControlClient,
  ControlRequests,
  EntryInfo,
  GitInfo,
  ListedShare,
} from '../../control/contract.js';
import { gitText } from '../gitText.js';
import { nameOf, shortId, survivalText } from '../shareText.js';
import { table } from '../text.js';
import { formatAge, formatBytes } from '../units.js';
import { findShare, meetPeers, shareText, withPeer, type Verb, type VerbContext } from '../verb.js';

type Page = ControlRequests['list']['result'];

/** Shares asked for first, and at a time after that. */
const firstPage = 200;
const pageSize = 2000;

const optionsSchema = z.object({
  sort: z.enum(['newest', 'name']),
  prefix: z.string().optional(),
  versions: z.boolean().default(false),
});

export const lsVerb: Verb = {
  syntax: 'ls [share]',
  summary: 'list what the group shares, newest first; or what is in one share',
  help: 'Of a folder only the list of its entries is fetched. Of a file that was shared again the newest version is listed;\nwith --versions all that are kept, of all files or of the one that is named.',
  configure(command: Command) {
    command
      .addOption(
        command
          .createOption('--sort <order>', 'in which order')
          .choices(['newest', 'name'])
          .default('newest'),
      )
      .option('--prefix <text>', 'only names that begin so, sorted by name')
      .option('--versions', 'older versions as well');
  },
  run: (context, args, options) =>
    withPeer(context, async (client) => {
      const { output, deps } = context;
      const { sort, prefix, versions } = optionsSchema.parse(options);
      await meetPeers(client, deps.signal);
      const [name] = args;
      if (name !== undefined && versions) return await listVersions(context, client, name);
      if (name !== undefined) return await listEntries(context, client, name);
      let count = 0;
      const query = {
        ...{ order: sort, ...(versions && { versions }) },
        ...(prefix !== undefined && prefix !== '' && { prefix }),
      };
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
  query: Pick<ControlRequests['list']['params'], 'order' | 'prefix' | 'versions'>,
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

/** Entries asked for at a time. */
const entriesPage = 1000;

async function listEntries(
  { output, deps }: VerbContext,
  client: ControlClient,
  name: string,
): Promise<number> {
  const share = await findShare(client, name, undefined, deps.signal);
  let cursor: number | null = null;
  let first = true;
  let git: GitInfo | null;
  do {
    const page: ControlRequests['entries']['result'] = await client.request(
      'entries',
      { share: share.shareId, cursor, limit: entriesPage },
      deps.signal,
    );
    if (output.json) for (const entry of page.entries) output.event('entry', { entry });
    else for (const line of entriesLines(page.entries, first)) output.line(line);
    first = false;
    ({ cursor, git } = page);
  } while (cursor !== null);
  if (git !== null && !output.json) output.note(`shared from ${gitText(git)}`);
  output.result({ share, git }, []);
  return 0;
}

/** Newest first, each with the number that `--version` takes. */
async function listVersions(
  { output, deps }: VerbContext,
  client: ControlClient,
  name: string,
): Promise<number> {
  const share = await shareText(client, name, undefined, deps.signal);
  const { versions } = await client.request('versions', { share }, deps.signal);
  if (output.json) {
    output.events(
      'share',
      versions.map((share, version) => ({ share, version })),
    );
  } else output.lines(versionsText(versions, Date.now()));
  output.result({ count: versions.length }, []);
  return 0;
}

export function versionsText(versions: readonly ListedShare[], now: number): string[] {
  const head = ['VERSION', 'ID', 'SIZE', 'SURVIVES', 'SHARED', 'NAME'];
  const rows = versions.map((share, version) => [
    version === 0 ? 'newest' : String(version),
    shortId(share.shareId),
    share.name === '' ? '–' : formatBytes(share.size),
    survivalText(share.spare),
    formatAge(share.createdAt, now),
    nameOf(share),
  ]);
  return table([head, ...rows], ['right', 'left', 'right']);
}

/** One page of a folder's entries: mode as `ls -l` prints it, size, time, path. */
export function entriesLines(entries: readonly EntryInfo[], withHead: boolean): string[] {
  const rows = entries.map((entry) => [
    modeText(entry),
    entry.kind === 'file' ? formatBytes(entry.size) : '–',
    timeText(entry.mtimeMs),
    `${visible(entry.path)}${entry.kind === 'dir' ? '/' : ''}` +
      (entry.kind === 'symlink' ? ` → ${visible(entry.target)}` : ''),
  ]);
  const head = ['MODE', 'SIZE', 'CHANGED', 'PATH'];
  return table(withHead ? [head, ...rows] : rows, ['left', 'right']);
}

const kindLetters = { file: '-', dir: 'd', symlink: 'l' } as const;

function modeText({ kind, mode }: EntryInfo): string {
  const letters = 'rwxrwxrwx'.replace(/./g, (letter, bit: number) =>
    (mode & (0o400 >> bit)) === 0 ? '-' : letter,
  );
  return kindLetters[kind] + letters;
}

function timeText(ms: number): string {
  const time = new Date(ms);
  if (Number.isNaN(time.valueOf())) return '–';
  return time.toISOString().slice(0, 16).replace('T', ' ');
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
    share.name === '' ? '–' : formatBytes(share.size),
    survivalText(share.spare),
    visible(share.authorName),
    formatAge(share.createdAt, now),
    `${nameOf(share)}${share.superseded ? ' (older version)' : ''}`,
  ]);
  return table(withHead ? [head, ...rows] : rows, ['left', 'right']);
}
