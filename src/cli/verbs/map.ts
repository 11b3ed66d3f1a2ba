import { mapText } from '../mapText.js';
import { meetPeers, withPeer, type Verb } from '../verb.js';

export const mapVerb: Verb = {
  syntax: 'map <share>',
  summary: 'show who holds which chunks of a file',
  help: '<share> is a file name, or an id of “ls” (6 digits are enough when they are unique).',
  run: (context, args) =>
    withPeer(context, async (client) => {
      const { output, deps } = context;
      await meetPeers(client, deps.signal);
      const map = await client.request('map', { share: args[0] ?? '' }, deps.signal);
      output.result(map, mapText(map, output.colors));
      return 0;
    }),
};
