import * as z from 'zod';
import type { RepairParams } from '../../control/contract.js';
import { exitCodes } from '../exitCodes.js';
import { repairText } from '../repairText.js';
import { runTransfer } from '../transfer.js';
import { meetPeers, shareText, withPeer, type Verb } from '../verb.js';

const optionsSchema = z.object({ now: z.boolean().default(false) });

export const repairVerb: Verb = {
  syntax: 'repair [share]',
  summary: 'have pieces made anew that are missing or damaged: of one file, or of all',
  help: 'Does at once what the peers do by themselves in time. A holder that is away counts as missing after a day,\nif it promised to stay, or a week; --now does not wait for whoever cannot be reached.\nExits with 4 when something is still missing afterwards.',
  configure: (command) => command.option('--now', 'count whoever cannot be reached now as gone'),
  run: (context, args, options) =>
    withPeer(context, async (client) => {
      const { output, deps } = context;
      const { now } = optionsSchema.parse(options);
      await meetPeers(client, deps.signal);
      const [text] = args;
      const share = text && (await shareText(client, text, undefined, deps.signal));
      const wanted: Omit<RepairParams, 'transferId'> = {
        ...(share !== undefined && { share }),
        ...(now && { now }),
      };
      const result = await runTransfer(client, output, deps.signal, (transferId) =>
        client.request('repair', { transferId, ...wanted }),
      );
      output.result(result, repairText(result, share !== undefined));
      return result.ok ? exitCodes.ok : exitCodes.tooFewPeers;
    }),
};
