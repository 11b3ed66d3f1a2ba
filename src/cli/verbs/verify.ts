import * as z from 'zod';
import { PeerError } from '../../common/errors.js';
import type { ControlClient } from '../../control/contract.js';
import { versionOption } from '../options.js';
import { runTransfer } from '../transfer.js';
import { meetPeers, shareText, withPeer, type Verb, type VerbContext } from '../verb.js';
import { verifyAllExitCode, verifyAllText } from '../verifyAllText.js';
import { verifyExitCode, verifyText } from '../verifyText.js';

const optionsSchema = z.object({ version: z.string().optional() });

export const verifyVerb: Verb = {
  syntax: 'verify [share]',
  summary: 'have every holder re-read and check every chunk: of one file, or of all',
  help: '<share> is a file name, a link, or an id of “ls” (6 digits are enough when they are unique); without it, all\nare checked. Exits with 5 when something is damaged or missing, with 4 when a holder could not be asked.',
  configure: (command) => command.addOption(versionOption()),
  run: (context, args, options) => {
    const { version } = optionsSchema.parse(options);
    const [share] = args;
    if (share === undefined && version !== undefined) {
      throw new PeerError('usage', 'A version is one of a file: name the file, too.');
    }
    return withPeer(context, async (client) => {
      await meetPeers(client, context.deps.signal);
      return share === undefined
        ? verifyAll(context, client)
        : verifyOne(context, client, share, version);
    });
  },
};

async function verifyOne(
  { output, deps }: VerbContext,
  client: ControlClient,
  text: string,
  version: string | undefined,
): Promise<number> {
  const share = await shareText(client, text, version, deps.signal);
  const result = await runTransfer(client, output, deps.signal, (transferId) =>
    client.request('verify', { transferId, share }),
  );
  output.result(result, verifyText(result, output.colors));
  return verifyExitCode(result);
}

async function verifyAll({ output, deps }: VerbContext, client: ControlClient): Promise<number> {
  const result = await runTransfer(client, output, deps.signal, (transferId) =>
    client.request('verifyAll', { transferId }),
  );
  output.result(result, verifyAllText(result, output.colors));
  return verifyAllExitCode(result);
}
