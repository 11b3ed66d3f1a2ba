import * as z from 'zod';
import { PeerError } from '../../common/errors.js';
import { visible } from '../../common/visible.js';
import { awaitNewcomer } from '../newcomer.js';
import { validOption } from '../options.js';
import { peerRuns, withPeer, type Verb } from '../verb.js';

const roles = ['storage', 'member', 'admin'] as const;
const optionsSchema = z.object({
  valid: z.number().optional(),
  role: z.enum(roles).optional(),
  admin: z.boolean().default(false),
});

export const inviteVerb: Verb = {
  syntax: 'invite',
  summary: 'print a code that lets one machine into the group',
  help: 'The code works once. It is a secret: whoever has it comes in.\nThe peer that made it has to run until it is used.',
  configure: (command) =>
    command
      .addOption(validOption())
      .addOption(
        command
          .createOption(
            '--role <role>',
            'storage (keeps pieces, reads nothing), member, or admin (may invite and remove others too)',
          )
          .choices(roles),
      )
      .option('--admin', 'the same as --role admin'),
  run: async (context, _args, options) => {
    const { valid, admin, role = admin ? 'admin' : 'member' } = optionsSchema.parse(options);
    const { output, deps } = context;
    const ran = await peerRuns(context);
    return withPeer(context, async (client) => {
      const status = await client.request('status', null, deps.signal);
      const before = await client.request('peers', null, deps.signal);
      const invite = await client.request(
        'invite',
        { ...(valid === undefined ? {} : { validForMs: valid }), role },
        deps.signal,
      );
      if (invite.role !== role) {
        throw new PeerError(
          'unsupported',
          'The peer that runs is too old to invite for this role.',
          {
            hint: 'Restart it, then try again.',
          },
        );
      }
      if (ran || status.stays) {
        output.result(invite, [invite.code]);
        return 0;
      }
      output.event('invite', invite);
      output.line(invite.code);
      output.note('No peer runs here: this one waits until the code is used. Ctrl-C ends it.');
      const known = new Set(before.peers.map((peer) => peer.nodeId));
      const joined = await awaitNewcomer(client, known, invite.expiresAt, deps.signal);
      output.note(`${visible(joined.name)} has joined.`);
      output.result({ ...invite, joined }, []);
      return 0;
    });
  },
};
