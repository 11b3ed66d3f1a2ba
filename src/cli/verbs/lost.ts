import * as z from 'zod';
import { visible } from '../../common/visible.js';
import { confirm } from '../confirm.js';
import { exitCodes } from '../exitCodes.js';
import { meetPeers, withPeer, type Verb } from '../verb.js';

const optionsSchema = z.object({ yes: z.boolean().default(false) });

export const lostVerb: Verb = {
  syntax: 'lost <peer>',
  summary: 'declare that what a machine held is gone, as with a dead disk',
  help: 'By its name, or an id of “peers”. Admins can. It stays a member; its pieces are made anew on other machines at\nonce, and it is given no others. That is final: a machine with a new disk joins anew.',
  configure: (command) => command.option('-y, --yes', 'do not ask'),
  run: (context, args, options) =>
    withPeer(context, async (client) => {
      const { yes } = optionsSchema.parse(options);
      const { output, deps } = context;
      await meetPeers(client, deps.signal);
      const peer = await client.request('findPeer', { peer: args[0] ?? '' }, deps.signal);
      const question = `Is nothing left of what ${visible(peer.name)} held? It is given nothing any more, for good.`;
      if (!yes && !(await confirm(context, question))) {
        output.note('Nothing was declared lost.');
        return exitCodes.other;
      }
      await client.request('lost', { nodeId: peer.nodeId }, deps.signal);
      output.result({ lost: { nodeId: peer.nodeId, name: peer.name } }, [
        `What ${visible(peer.name)} held counts as lost. The others make it anew.`,
      ]);
      return exitCodes.ok;
    }),
};
