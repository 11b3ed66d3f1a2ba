import * as z from 'zod';
import { visible } from '../../common/visible.js';
import { countOption, lendOption, listenOption } from '../options.js';
import { Option } from 'commander';
import type { Verb } from '../verb.js';

const optionsSchema = z.object({
  listen: z.string().optional(),
  discovery: z.boolean().default(true),
  background: z.boolean().default(false),
  lend: z.object({ bytes: z.number().nullable() }).optional(),
  keepVersions: z.number().optional(),
  keepDays: z.number().optional(),
});

export const serveVerb: Verb = {
  syntax: 'serve',
  summary: 'run the peer in the foreground until Ctrl-C',
  help: 'Ctrl-C and a polite kill end it cleanly, with exit code 0.',
  configure: (command) =>
    command
      .addOption(listenOption())
      .addOption(lendOption())
      .addOption(
        countOption(
          '--keep-versions <n>',
          'versions kept of a file that is shared from here again, the newest among them (5)',
          1,
        ),
      )
      .addOption(
        countOption(
          '--keep-days <n>',
          'days that an older version is kept after a newer one (30)',
          0,
        ),
      )
      .option(
        '--no-discovery',
        'neither announce this peer on the local network nor look for others, in this run',
      )
      .addOption(new Option('--background', 'started by a client').hideHelp()),
  async run({ deps, dataDir, output }, _args, options) {
    const { listen, discovery, background, lend, keepVersions, keepDays } =
      optionsSchema.parse(options);
    await deps.runServe({
      dataDir,
      discovery,
      background,
      ...(listen === undefined ? {} : { listen }),
      settings: {
        ...(lend === undefined ? {} : { lend: lend.bytes }),
        ...(keepVersions === undefined ? {} : { versions: keepVersions }),
        ...(keepDays === undefined ? {} : { versionDays: keepDays }),
      },
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
