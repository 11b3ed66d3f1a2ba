import { transfersText } from '../transferText.js';
import { withPeer, type Verb } from '../verb.js';

export const transfersVerb: Verb = {
  syntax: 'transfers',
  summary: 'list what is being shared and fetched, with how far it is',
  help: 'What was interrupted goes on when the peer runs again, without sending or fetching anything twice.',
  run: (context) =>
    withPeer(context, async (client) => {
      const { output, deps } = context;
      const { transfers } = await client.request('transfers', null, deps.signal);
      output.result({ transfers }, transfersText(transfers, Date.now()));
      return 0;
    }),
};
