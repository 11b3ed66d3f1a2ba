import * as z from 'zod';
import { PeerError } from '../../common/errors.js';
import { exitCodes } from '../exitCodes.js';
import { leaveText } from '../repairText.js';
import { runTransfer } from '../transfer.js';
import { meetPeers, withPeer, type Verb } from '../verb.js';

const optionsSchema = z.object({
  force: z.boolean().default(false),
  undo: z.boolean().default(false),
});

export const leaveVerb: Verb = {
  syntax: 'leave',
  summary: 'bring what this machine holds to others, so that it can be switched off for good',
  help: 'Each piece is given up here only when another peer has proved that it has it. Afterwards this peer takes\nnothing more, and can still share and get. Exits with 4 when something could not be moved.',
  configure: (command) =>
    command
      .option('--force', 'leave at once, whatever the others lack then')
      .option('--undo', 'take pieces again'),
  run: (context, _args, options) =>
    withPeer(context, async (client) => {
      const { output, deps } = context;
      const { force, undo } = optionsSchema.parse(options);
      if (force && undo) throw new PeerError('usage', 'Choose one of --force and --undo.');
      if (undo) {
        await client.request('rejoin', null, deps.signal);
        output.result({ leaving: false }, ['This machine takes pieces again.']);
        return exitCodes.ok;
      }
      await meetPeers(client, deps.signal);
      const result = await runTransfer(client, output, deps.signal, (transferId) =>
        client.request('leave', { transferId, ...(force && { force }) }),
      );
      output.result(result, leaveText(result, force));
      return result.safe || force ? exitCodes.ok : exitCodes.tooFewPeers;
    }),
};
