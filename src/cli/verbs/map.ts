import * as z from 'zod';
import { mapText } from '../mapText.js';
import { versionOption } from '../options.js';
import { meetPeers, shareText, withPeer, type Verb } from '../verb.js';

const optionsSchema = z.object({ version: z.string().optional() });

export const mapVerb: Verb = {
  syntax: 'map <share>',
  summary: 'show who holds which chunks of a file',
  help: '<share> is a file name, a link, or an id of “ls” (6 digits are enough when they are unique).',
  configure: (command) => command.addOption(versionOption()),
  run: (context, args, options) =>
    withPeer(context, async (client) => {
      const { output, deps } = context;
      await meetPeers(client, deps.signal);
      const { version } = optionsSchema.parse(options);
      const share = await shareText(client, args[0] ?? '', version, deps.signal);
      const map = await client.request('map', { share }, deps.signal);
      output.result(map, mapText(map, output.colors));
      return 0;
    }),
};
