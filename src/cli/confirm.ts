import { PeerError } from '../common/errors.js';
import type { VerbContext } from './verb.js';

/** Longest answer that is read, characters. */
const maxAnswer = 1000;

/**
 * Asks whether to do what cannot be undone; anything but yes is no.
 *
 * @throws {PeerError} `usage` where nobody can be asked, and the verb was not told `--yes`
 */
export async function confirm({ deps, output }: VerbContext, question: string): Promise<boolean> {
  if (deps.stdin.isTTY !== true || output.json) {
    throw new PeerError('usage', 'Nobody can be asked whether this is meant.', {
      hint: 'Say --yes if it is.',
    });
  }
  deps.stderr.write(`${question} [y/N] `);
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of deps.stdin) {
    text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    if (text.includes('\n') || text.length > maxAnswer) break;
  }
  return /^\s*y(es)?\s*\n/i.test(text);
}
