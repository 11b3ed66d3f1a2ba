import * as z from 'zod';
import { visible } from '../../common/visible.js';
import { listenOption } from '../options.js';
import type { Verb } from '../verb.js';

const optionsSchema = z.object({
  name: z.string().optional(),
  group: z.string().optional(),
  listen: z.string().optional(),
});

export const initVerb: Verb = {
  syntax: 'init',
  summary: 'make an identity and a new group',
  help: 'Needs no running peer and leaves none behind.',
  configure: (command) =>
    command
      .option('--name <name>', 'what others see this machine as (default: its host name)')
      .option('--group <name>', 'name of the group')
      .addOption(listenOption()),
  async run({ deps, dataDir, output }, _args, options) {
    const { name = deps.hostName, group, listen } = optionsSchema.parse(options);
    const self = await deps.initGroup({
      dataDir,
      name,
      groupName: group ?? `group of ${name}`,
      ...(listen === undefined ? {} : { listen }),
    });
    output.result({ self }, [
      `Made group “${visible(self.groupName)}”. This peer is ${visible(self.name)}, ${self.nodeIdText}.`,
      'Next: run “chunk-partitioner serve” here, and “chunk-partitioner invite” for each machine to let in.',
    ]);
    return 0;
  },
};
