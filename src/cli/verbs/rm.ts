import * as z from 'zod';
import { visible } from '../../common/visible.js';
import type { DeleteResult, ListedShare, ShareInfo } from '../../control/contract.js';
import { confirm } from '../confirm.js';
import { exitCodes } from '../exitCodes.js';
import { shortId, titleOf } from '../shareText.js';
import { meetPeers, shareText, withPeer, type Verb } from '../verb.js';

const optionsSchema = z.object({ yes: z.boolean().default(false) });

export const rmVerb: Verb = {
  syntax: 'rm <share>',
  summary: 'delete a file for the whole group, for good',
  help: 'By its name it goes with all its versions; by an id of “ls”, or a link, that version alone. Who shared it can do this, and\nadmins. Its pieces are served no more at once, and removed from all disks in time. Nobody can undo it;\nwhat others have fetched stays with them.',
  configure: (command) => command.option('-y, --yes', 'do not ask'),
  run: (context, args, options) =>
    withPeer(context, async (client) => {
      const { yes } = optionsSchema.parse(options);
      const { output, deps } = context;
      await meetPeers(client, deps.signal);
      const text = await shareText(client, args[0] ?? '', undefined, deps.signal);
      const share = await client.request('find', { share: text }, deps.signal);
      const all = !share.shareId.startsWith(text);
      const { versions } = all
        ? await client.request('versions', { share: share.shareId }, deps.signal)
        : { versions: [] };
      if (!yes && !(await confirm(context, question(share, versions)))) {
        output.note('Nothing was deleted.');
        return exitCodes.other;
      }
      const result = await client.request(
        'delete',
        { share: share.shareId, ...(all ? { versions: true } : {}) },
        deps.signal,
      );
      if (!output.json) {
        for (const warning of result.warnings) output.note(`warning: ${visible(warning)}`);
      }
      output.result(result, rmText(result));
      return exitCodes.ok;
    }),
};

function question(share: ShareInfo, versions: readonly ListedShare[]): string {
  const what = `${titleOf(share)} by ${visible(share.authorName)}${olderText(versions.length)}`;
  return `Delete ${what} for the whole group, for good?`;
}

function rmText({ share, deleted }: DeleteResult): string[] {
  return [`deleted ${titleOf(share)}, ${shortId(share.shareId)}${olderText(deleted.length)}`];
}

function olderText(versions: number): string {
  if (versions < 2) return '';
  return versions === 2 ? ' and an older version' : ` and ${String(versions - 1)} older versions`;
}
