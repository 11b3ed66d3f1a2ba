import * as z from 'zod';
import { runTransfer } from '../transfer.js';
import { verifyExitCode, verifyText } from '../verifyText.js';
import { versionOption } from '../options.js';
import { meetPeers, shareText, withPeer, type Verb } from '../verb.js';

const optionsSchema = z.object({ version: z.string().optional() });

export const verifyVerb: Verb = {
  syntax: 'verify <share>',
  summary: 'have every holder re-read and check every chunk of a file',
  help: '<share> is a file name, a link, or an id of “ls” (6 digits are enough when they are unique).\nExits with 5 when something is damaged or missing, with 4 when a holder could not be asked.',
  configure: (command) => command.addOption(versionOption()),
  run: (context, args, options) =>
    withPeer(context, async (client) => {
      const { output, deps } = context;
      await meetPeers(client, deps.signal);
      const { version } = optionsSchema.parse(options);
      const share = await shareText(client, args[0] ?? '', version, deps.signal);
      const result = await runTransfer(client, output, deps.signal, (transferId) =>
        client.request('verify', { transferId, share }),
      );
      output.result(result, verifyText(result, output.colors));
      return verifyExitCode(result);
    }),
};
