import * as z from 'zod';
import { PeerError } from '../../common/errors.js';
import { maxReadBytes, type ControlClient } from '../../control/contract.js';
import type { TextSink } from '../deps.js';
import { entryOption, entryPath, rangeOption, versionOption, type ByteRange } from '../options.js';
import { findShare, meetPeers, withPeer, type Verb, type VerbContext } from '../verb.js';

const optionsSchema = z.object({
  range: z.custom<ByteRange>().optional(),
  entry: z.array(z.string()).max(1).optional(),
  version: z.string().optional(),
});

export const catVerb: Verb = {
  syntax: 'cat <share>',
  summary: 'print a file, or a part of it, without getting all of it',
  help: 'Only the segments that the part touches (about 1 MiB each) are fetched, verified and decrypted.\nThe bytes go to stdout as they are; with --json they come as base64.',
  configure: (command) =>
    command
      .addOption(rangeOption())
      .addOption(entryOption('file in a shared folder'))
      .addOption(versionOption()),
  run: (context, args, options) =>
    withPeer(context, async (client) => {
      const parsed = optionsSchema.safeParse(options);
      if (!parsed.success) throw new PeerError('usage', 'Only one --entry can be printed.');
      const { range, entry, version } = parsed.data;
      const { deps, output } = context;
      await meetPeers(client, deps.signal);
      const { shareId } = await findShare(client, args[0] ?? '', version, deps.signal);
      const file = {
        share: shareId,
        ...(entry?.[0] === undefined ? {} : { entry: entryPath(entry[0]) }),
      };
      const known = await client.request('read', { ...file, offset: 0, length: 0 }, deps.signal);
      const [start, end] = bounds(range, known.size);
      const printed = await print(context, client, file, { start, end, fetched: known.fetched });
      if (output.json) output.result({ ...printed, size: known.size }, []);
      return 0;
    }),
};

interface Printed {
  readonly bytes: number;
  /** Bytes of pieces that holders sent. */
  readonly fetched: number;
}

/** Goes on where the answer before ended; ends quietly when nobody reads any more. */
async function print(
  { deps, output }: VerbContext,
  client: ControlClient,
  file: { readonly share: string; readonly entry?: string },
  { start, end, fetched: before }: { start: number; end: number; fetched: number },
): Promise<Printed> {
  let position = start;
  let fetched = before;
  while (position < end) {
    const length = Math.min(maxReadBytes, end - position);
    const answer = await client.request('read', { ...file, offset: position, length }, deps.signal);
    const bytes = Buffer.from(answer.base64, 'base64');
    if (bytes.byteLength === 0) throw new PeerError('internal', 'The peer gave fewer bytes.');
    fetched += answer.fetched;
    if (output.json) output.event('data', { offset: position, base64: answer.base64 });
    else if (!(await write(deps.stdout, bytes))) break;
    position += bytes.byteLength;
  }
  return { bytes: position - start, fetched };
}

/** From the first byte to the one behind the last; what lies beyond the end is cut. @throws PeerError `usage` */
export function bounds(range: ByteRange | undefined, size: number): readonly [number, number] {
  if (range === undefined) return [0, size];
  const [start, end] =
    'suffix' in range
      ? [Math.max(0, size - range.suffix), range.suffix === 0 ? 0 : size]
      : [range.first, Math.min(range.last + 1, size)];
  if (start < end) return [start, end];
  throw new PeerError('usage', 'The range lies outside of the file.', {
    hint: `The file has ${String(size)} bytes.`,
    details: { size },
  });
}

/** Resolves when the bytes are out; false when the reader has left. */
function write(sink: TextSink, bytes: Uint8Array): Promise<boolean> {
  return new Promise((resolve, reject) => {
    sink.write(bytes, (error) => {
      if (error == null) resolve(true);
      else if ((error as NodeJS.ErrnoException).code === 'EPIPE') resolve(false);
      else reject(PeerError.from(error));
    });
  });
}
