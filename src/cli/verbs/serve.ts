import * as z from 'zod';
import { visible } from '../../common/visible.js';
import { listenOption } from '../options.js';
import { Option } from 'commander';
import type { Verb } from '../verb.js';

const optionsSchema = z.object({
  listen: z.string().optional(),
  discovery: z.boolean().default(true),
  background: z.boolean().default(false),
});

export const serveVerb: Verb = {
  syntax: 'serve',
  summary: 'run the peer in the foreground until Ctrl-C',
  help: 'Ctrl-C and a polite kill end it cleanly, with exit code 0.',
  configure: (command) =>
    command
      .addOption(listenOption())
      .option(
        '--no-discovery',
        'neither announce this peer on the local network nor look for others',
      )
      .addOption(new Option('--background', 'started by a client').hideHelp()),
  async run({ deps, dataDir, output }, _args, options) {
    const { listen, discovery, background } = optionsSchema.parse(options);
    await deps.runServe({
      dataDir,
      discovery,
      background,
      ...(listen === undefined ? {} : { listen }),
      signal: deps.signal,
      onListening(info) {
        output.event('listening', info);
        output.line(`Listening on ${info.address}`);
        if (info.groupName === null) {
          output.note('This data directory belongs to no group yet: run “init” or “join” first.');
        } else {
          output.line(`Group “${visible(info.groupName)}”, this peer is ${info.nodeIdText}`);
        }
      },
    });
    output.result({ stopped: true }, []);
    return 0;
  },
};
