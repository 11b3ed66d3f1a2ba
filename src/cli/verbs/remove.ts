import * as z from 'zod';
import { visible } from '../../common/visible.js';
import { confirm } from '../confirm.js';
import { exitCodes } from '../exitCodes.js';
import { meetPeers, withPeer, type Verb } from '../verb.js';

const optionsSchema = z.object({ yes: z.boolean().default(false) });

const cannotUndo =
  'It keeps what it has read and stored, and the keys up to now: with an accomplice among the members it can still open\nwhat was shared before. What is shared from now on it cannot read.';

export const removeVerb: Verb = {
  syntax: 'remove <peer>',
  summary: 'end the membership of a machine, for good',
  help: `By its name, or an id of “peers”. Admins can. Everybody refuses it as soon as they hear of it, and the group gets a\nnew key. ${cannotUndo}\nIt can come back only as another machine: by a new invite into a new data directory. Its pieces are made anew on\nthe others, out of those that are left.`,
  configure: (command) => command.option('-y, --yes', 'do not ask'),
  run: (context, args, options) =>
    withPeer(context, async (client) => {
      const { yes } = optionsSchema.parse(options);
      const { output, deps } = context;
      await meetPeers(client, deps.signal);
      const peer = await client.request('findPeer', { peer: args[0] ?? '' }, deps.signal);
      const name = visible(peer.name);
      if (
        !yes &&
        !(await confirm(context, `${cannotUndo}\nRemove ${name} from the group, for good?`))
      ) {
        output.note('Nobody was removed.');
        return exitCodes.other;
      }
      await client.request('remove', { nodeId: peer.nodeId }, deps.signal);
      output.result({ removed: { nodeId: peer.nodeId, name: peer.name } }, [
        `Removed ${name}, ${peer.nodeId.slice(0, 16)}. The group has a new key.`,
        cannotUndo,
      ]);
      return exitCodes.ok;
    }),
};
