import { visibleText } from './visibleText.js';

/**
 * Text of others inside Markdown: every character that could begin or end something is escaped, and so are bare addresses,
 * which would become links.
 */
export function markdownText(text: string): string {
  return visibleText(text)
    .replaceAll(/[!-/:-@[-`{-~]/g, '\\$&')
    .replaceAll(/ (?= )|^ | $/g, '\u00a0');
}
