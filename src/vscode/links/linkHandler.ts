import type * as vscode from 'vscode';
import type { MachineContext } from '../commands/command.js';
import { showError } from '../showError.js';
import { openLink } from './openLink.js';

/** Longest link that is made a text of, characters of its parts. */
const longest = 8192;

/**
 * What the editor hands links to. Any web page can open one, as often as it likes: each only leads to a question, and
 * while one is open, others are dropped.
 */
export class LinkHandler implements vscode.UriHandler {
  #isBusy = false;

  constructor(private readonly context: MachineContext) {}

  async handleUri(uri: vscode.Uri): Promise<void> {
    const { log } = this.context;
    if (this.#isBusy) {
      log.info('A link was dropped: another one waits for an answer.');
      return;
    }
    this.#isBusy = true;
    try {
      const { scheme, authority, path, query, fragment } = uri;
      const size = authority.length + path.length + query.length + fragment.length;
      // Only its size: what is in it may be a secret, or anything.
      log.info(`A link of ${String(size)} characters was opened.`);
      const rest = `${path}${query && `?${query}`}${fragment && `#${fragment}`}`;
      const text = size > longest ? 'x'.repeat(longest) : `${scheme}://${authority}${rest}`;
      await openLink(this.context, text);
    } catch (error) {
      void showError(error);
    } finally {
      this.#isBusy = false;
    }
  }
}
