import { resolve } from 'node:path';
import * as z from 'zod';
import { PeerError } from '../../common/errors.js';
import { visible } from '../../common/visible.js';
import type { ControlClient, ShareResult } from '../../control/contract.js';
import { redundancyOption } from '../options.js';
import { schemeText, shortId, survivalSentence, titleOf } from '../shareText.js';
import { runTransfer } from '../transfer.js';
import { meetPeers, withPeer, type Verb, type VerbContext } from '../verb.js';

const optionsSchema = z.object({ redundancy: z.string().optional() });

export const shareVerb: Verb = {
  syntax: 'share <path...>',
  summary: 'spread files, encrypted, over the peers of the group',
  help: 'A file is shared when this returns: enough other machines have it on disk.',
  configure: (command) => command.addOption(redundancyOption()),
  run: (context, args, options) =>
    withPeer(context, async (client) => {
      const { redundancy } = optionsSchema.parse(options);
      const { output, deps } = context;
      await meetPeers(client, deps.signal);
      const done: ShareResult[] = [];
      const failures: PeerError[] = [];
      for (const path of args) {
        try {
          const result = await shareOne(context, client, resolve(deps.cwd, path), redundancy);
          done.push(result);
          report(context, result);
        } catch (error) {
          const failure = PeerError.from(error);
          if (args.length === 1 || deps.signal.aborted || failure.code === 'closed') throw failure;
          failures.push(failure);
          output.event('failed', { path, code: failure.code, message: failure.message });
          if (!output.json) output.note(`${visible(path)}: ${visible(failure.message)}`);
        }
      }
      const first = failures[0];
      if (first) {
        throw new PeerError(
          first.code,
          `${String(failures.length)} of ${String(args.length)} files could not be shared.`,
          { details: { shared: done.map((result) => result.share.shareId) }, cause: first },
        );
      }
      output.result({ shares: done }, []);
      return 0;
    }),
};

function shareOne(
  { output, deps }: VerbContext,
  client: ControlClient,
  path: string,
  redundancy: string | undefined,
): Promise<ShareResult> {
  return runTransfer(client, output, deps.signal, (transferId) =>
    client.request('share', {
      transferId,
      path,
      ...(redundancy === undefined ? {} : { redundancy }),
    }),
  );
}

function report({ output }: VerbContext, result: ShareResult): void {
  const { share, missing, warnings } = result;
  output.event('shared', result);
  output.line(
    `${output.colors.green('shared')} ${titleOf(share)} as ${shortId(share.shareId)}: ` +
      `${schemeText(share)}; ${survivalSentence(share.spare)}`,
  );
  if (output.json) return;
  if (missing.length > 0) {
    output.note(`degraded: no confirmation from ${missing.map(visible).join(', ')}`);
  }
  for (const warning of warnings) output.note(`warning: ${visible(warning)}`);
}
